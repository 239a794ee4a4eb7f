import { once } from 'node:events';
import { Conversation, startLinesServer } from './lab/conversation';
import { PODS, RESERVED } from './lab/layout';
import { IPV4_ONLY } from './lab/network-config';
import { eventually } from './support/eventually';
import { LiveRouter } from './support/live-router';
import { BUN } from './support/packet-lan';
import { describeOnKernel } from './support/requires';

const { destinations: _, ...ONE_ADDRESS } = IPV4_ONLY;
const POD = PODS.router.ipv4;
const SERVER = '203.0.113.26';
const IPERF = 5201;

/** As many rules as asked for, beside ours; `salt` decides where they lead. */
function others(count: number, salt: number): string[] {
  return Array.from(
    { length: count },
    (_, index) => `${20_000 + index} TCP 203.0.113.${1 + (salt % 200)} ${1 + index}`,
  );
}

/** The packets that `nft` counted for a rule's connections, in both directions. */
function packets(router: LiveRouter): number[] {
  const { nftables } = JSON.parse(
    router.scene.router.namespace.run('nft', '--json', 'list', 'table', 'inet', 'egress_router'),
  );
  const counted = nftables.flatMap(
    ({ set }: { set?: { name: string; elem?: { elem: { val: number; counter: { packets: number } } }[] } }) =>
      set !== undefined && ['sent', 'received'].includes(set.name)
        ? (set.elem ?? []).filter(({ elem }) => elem.val <= 2).map(({ elem }) => elem.counter.packets)
        : [],
  );
  return counted as number[];
}

/** The client is alive until `stop`, so that it is the stream that was there before. */
async function streamGoesOn(router: LiveRouter): Promise<void> {
  const [before] = packets(router) as [number];
  await eventually(() => expect(packets(router)[0]).toBeGreaterThan(before + 10));
}

describeOnKernel('rules that stay, while others change', ['ip', 'nft', 'iperf3', BUN], () => {
  let router: LiveRouter;
  const ours = [`${IPERF} TCP ${SERVER} ${IPERF}`, `8080 TCP ${SERVER} 80`];

  beforeEach(async () => {
    router = new LiveRouter(ONE_ADDRESS, { counters: true });
    await startLinesServer(router.scene.server, `tcp ${SERVER} 80`);
  });

  afterEach(() => router[Symbol.dispose]());

  async function stream(): Promise<{ stop(): Promise<number[]> }> {
    router.scene.server.start(['iperf3', '-s'], { stdio: 'ignore' });
    await eventually(() => expect(router.scene.server.run('ss', '-Hltn', `sport = :${IPERF}`)).not.toBe(''));
    // As fast as it can, it would leave no processor to who changes the rules.
    const words = ['iperf3', '-c', POD, '-t', '600', '-b', '200M', '-i', '1', '-f', 'm', '--forceflush'];
    const child = router.scene.client.namespace.start(words, { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout!.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    await eventually(() => expect(text).toContain('Mbits/sec'), 10_000);
    return {
      async stop() {
        expect(child.exitCode).toBeNull();
        const ended = once(child, 'exit');
        child.kill('SIGKILL');
        await ended;
        return [...text.matchAll(/ ([\d.]+) Mbits\/sec/g)].map(([, rate]) => Number(rate));
      },
    };
  }

  test('a stream and an idle connection survive 1,000 changes, and their counters go on', async () => {
    await router.add([...ours, ...others(5, 0)]);
    await router.start();
    const idle = await Conversation.open(router.scene.client.namespace, `tcp ${POD} 8080`);
    expect(await idle.ask()).toBe(`${SERVER} 80 ${RESERVED.ipv4}`);
    const { stop } = await stream();
    const before = packets(router);
    const start = performance.now();
    for (let change = 1; change <= 1000; change++) {
      const { outcome } = await router.change([...ours, ...others(change % 7, change)]);
      expect(outcome).toBe('success');
    }
    const seconds = (performance.now() - start) / 1000;
    const after = packets(router);
    await streamGoesOn(router);
    const rates = await stop();
    console.info(
      `1,000 changes in ${seconds.toFixed(1)} s; the stream, Mbit/s in each second: ${rates.map(Math.round).join(' ')}`,
    );
    expect(await idle.ask()).toBe(`${SERVER} 80 ${RESERVED.ipv4}`);
    expect(idle.log).toEqual(['open', ...Array(2).fill(`${SERVER} 80 ${RESERVED.ipv4}`)]);
    expect(before).toHaveLength(4);
    for (const [index, count] of after.entries()) expect(count).toBeGreaterThanOrEqual(before[index]!);
    expect(after[0]).toBeGreaterThan(before[0]!);
  }, 400_000);

  test('3 rules grow to 5,000 and shrink to 3 again, while a stream goes on', async () => {
    await router.add([...ours, ...others(1, 0)]);
    await router.start();
    const idle = await Conversation.open(router.scene.client.namespace, `tcp ${POD} 8080`);
    const { stop } = await stream();
    for (const count of [1500, 4998, 3000, 1, 4998, 1]) {
      const { outcome, durationSeconds, changedRules } = await router.change([...ours, ...others(count, 0)]);
      expect(outcome).toBe('success');
      console.info(`to ${count + 2} rules: ${changedRules} changed in ${(durationSeconds * 1000).toFixed(1)} ms`);
    }
    await streamGoesOn(router);
    await stop();
    expect(await idle.ask()).toBe(`${SERVER} 80 ${RESERVED.ipv4}`);
    const text = router.scene.router.namespace.run('nft', 'list', 'map', 'inet', 'egress_router', 'redirect4');
    expect(text.match(/tcp \. \d+ /g)).toHaveLength(3);
    await router.looksAgain();
    expect(router.said.filter(({ checks }) => checks !== undefined)).toEqual([{ checks: [{ name: 'rules' }] }]);
  }, 120_000);
});
