import { Conversation, startLinesServer } from './lab/conversation';
import { PODS, RESERVED } from './lab/layout';
import { IPV4_ONLY } from './lab/network-config';
import { LiveRouter } from './support/live-router';
import { BUN } from './support/packet-lan';
import { describeOnKernel } from './support/requires';

const { destinations: _, ...ONE_ADDRESS } = IPV4_ONLY;
const POD = PODS.router.ipv4;
const [FIRST, SECOND] = ['203.0.113.26', '203.0.113.27'];
const from = (server: string, port: number) => `${server} ${port} ${RESERVED.ipv4}`;

describeOnKernel('connections across a change of rules', ['ip', 'nft', 'conntrack', BUN], () => {
  let router: LiveRouter;

  beforeEach(async () => {
    router = new LiveRouter(ONE_ADDRESS);
    await startLinesServer(
      router.scene.server,
      ...[FIRST, SECOND].flatMap((server) => [`tcp ${server} 80`, `udp ${server} 80`] as const),
    );
  });

  afterEach(() => router[Symbol.dispose]());

  const talk = (protocol: 'tcp' | 'udp', port: number) =>
    Conversation.open(router.scene.client.namespace, `${protocol} ${POD} ${port}`);

  test('a TCP connection of a removed rule is reset at its next packet, and others do not notice', async () => {
    await router.add([`8080 TCP ${FIRST} 80`, `8081 TCP ${FIRST} 80`]);
    await router.start();
    const [removed, other] = [await talk('tcp', 8080), await talk('tcp', 8081)];
    expect([await removed.ask(), await other.ask()]).toEqual([from(FIRST, 80), from(FIRST, 80)]);

    expect(await router.change([`8081 TCP ${FIRST} 80`])).toMatchObject({ outcome: 'success', changedRules: 1 });
    const start = performance.now();
    expect(await removed.ask()).toBe('error ECONNRESET');
    console.info(`reset after ${(performance.now() - start).toFixed(1)} ms`);
    expect(await other.ask()).toBe(from(FIRST, 80));
    expect(other.log).toEqual(['open', from(FIRST, 80), from(FIRST, 80)]);
  });
});
