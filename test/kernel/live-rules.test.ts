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

  test('a TCP connection of a rule that leads elsewhere is reset, and the next one gets there', async () => {
    await router.add([`8080 TCP ${FIRST} 80`]);
    await router.start();
    const held = await talk('tcp', 8080);
    expect(await held.ask()).toBe(from(FIRST, 80));
    await router.change([`8080 TCP ${SECOND} 80`]);
    expect(await held.ask()).toBe('error ECONNRESET');
    expect(await (await talk('tcp', 8080)).ask()).toBe(from(SECOND, 80));
  });

  test.each([
    ['a rule that leads elsewhere', [`8080 UDP ${FIRST} 80`], from(FIRST, 80)],
    ['a rule that comes', [`8081 UDP ${FIRST} 80`], undefined],
    ['a rule in the place of a fallback', [`8081 UDP ${FIRST} 81`, FIRST], undefined],
  ])('a UDP flow that keeps sending takes %s with its next datagram', async (_name, before, answer) => {
    await router.add(before);
    await router.start();
    const flow = await talk('udp', 8080);
    expect(await flow.ask(500)).toBe(answer);
    await router.change([`8080 UDP ${SECOND} 80`]);
    expect(await flow.ask()).toBe(from(SECOND, 80));
  });

  test('a UDP flow whose rule goes takes the fallback that comes, and the next one', async () => {
    await router.add([`8080 UDP ${FIRST} 8081`]);
    await router.start();
    const flow = await talk('udp', 80);
    expect(await flow.ask(300)).toBeUndefined();
    await router.change([`8080 UDP ${FIRST} 8081`, FIRST]);
    expect(await flow.ask()).toBe(from(FIRST, 80));
    await router.change([`8080 UDP ${FIRST} 8081`, SECOND]);
    expect(await flow.ask()).toBe(from(SECOND, 80));
    await router.change([`8080 UDP ${FIRST} 8081`]);
    expect(await flow.ask(300)).toBeUndefined();
  });
});
