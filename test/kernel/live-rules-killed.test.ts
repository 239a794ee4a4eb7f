import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../support/random';
import { Conversation, startLinesServer } from './lab/conversation';
import { PODS, RESERVED } from './lab/layout';
import { IPV4_ONLY } from './lab/network-config';
import { canonicalTable } from './support/canonical-table';
import { LiveRouter } from './support/live-router';
import { BUN } from './support/packet-lan';
import { describeOnKernel } from './support/requires';

const { destinations: _, ...ONE_ADDRESS } = IPV4_ONLY;
const POD = PODS.router.ipv4;
const SERVERS = ['203.0.113.26', '203.0.113.27'] as const;

/** Two versions of the rules that differ in most of them, and in the fallback. */
function versions(count: number): [string[], string[]] {
  const one = (server: string, first: number) => [
    `8080 TCP ${server} 80`,
    `8080 UDP ${server} 80`,
    ...Array.from({ length: count }, (_value, index) => `${first + index} TCP ${server} ${1 + index}`),
    server,
  ];
  return [one(SERVERS[0], 20_000), one(SERVERS[1], 20_000 + count / 2)];
}

/** As much as one process sends, and no more. */
const MOST_MESSAGES = 60;

describeOnKernel('a process that is killed while rules change', ['ip', 'nft', 'strace', 'conntrack', BUN], () => {
  let router: LiveRouter;

  beforeEach(async () => {
    router = new LiveRouter(ONE_ADDRESS);
    await startLinesServer(
      router.scene.server,
      ...SERVERS.flatMap((server) => [`tcp ${server} 80`, `udp ${server} 80`] as const),
    );
  });

  afterEach(() => router[Symbol.dispose]());

  const table = () => canonicalTable(router.scene.router.namespace);
  const talk = (protocol: 'tcp' | 'udp') => Conversation.open(router.scene.client.namespace, `${protocol} ${POD} 8080`);

  /** The tables that a router can have, old and new. */
  async function tables(contents: readonly string[][]): Promise<string[][]> {
    await router.add(contents[0]!);
    const first = table();
    await router.start();
    await router.change(contents[1]!);
    const second = table();
    await router.kill();
    return [first, second];
  }

  test('before each message that it sends leaves one table or the other, and the next one does the rest', async () => {
    const contents = versions(20);
    const known = await tables(contents);
    const flow = await talk('udp');
    const outcomes: string[] = [];
    let version = 1;
    let isOver = false;
    for (let message = 1; !isOver && message <= MOST_MESSAGES; message++) {
      const before = version;
      version = 1 - version;
      const held = await talk('tcp');
      expect(await held.ask()).toBe(`${SERVERS[before]} 80 ${RESERVED.ipv4}`);
      expect(await flow.ask()).toBe(`${SERVERS[before]} 80 ${RESERVED.ipv4}`);

      router.configMap.swap(JSON.stringify(router.config(contents[version]!)));
      const child = router.launch(killedBefore(message));
      const ended = once(child, 'exit').then(() => 'killed');
      const outcome = await Promise.race([
        ended,
        router.says(({ ready }) => ready === true, 30_000).then(() => 'ready'),
      ]);
      isOver = outcome === 'ready';
      const found = known.findIndex((each) => JSON.stringify(each) === JSON.stringify(table()));
      expect([before, version]).toContain(found);
      outcomes.push(isOver ? 'done' : found === before ? 'old' : 'new');
      await router.kill();

      await router.start();
      expect(table()).toEqual(known[version]);
      expect(await flow.ask()).toBe(`${SERVERS[version]} 80 ${RESERVED.ipv4}`);
      expect(await held.ask()).toBe('error ECONNRESET');
      held.end();
      await router.kill();
    }
    console.info(outcomes.join(' '));
    expect(outcomes).toContain('old');
    expect(outcomes).toContain('new');
    expect(outcomes.at(-1)).toBe('done');
  }, 400_000);

  test('at any moment leaves one table or the other', async () => {
    const seed = 1 + Math.floor(Math.random() * 2 ** 31);
    const random = new Random(seed);
    const contents = versions(1500);
    const known = await tables(contents);
    let version = 1;
    const found: number[] = [];
    for (let round = 0; round < 25; round++) {
      await router.start();
      version = 1 - version;
      router.configMap.swap(JSON.stringify(router.config(contents[version]!)));
      await sleep(random.below(120));
      await router.kill();
      const place = known.findIndex((each) => JSON.stringify(each) === JSON.stringify(table()));
      found.push(place === version ? 1 : place < 0 ? -1 : 0);
    }
    console.info(`seed ${seed}; old 0, new 1: ${found.join(' ')}`);
    expect(found).not.toContain(-1);
  }, 200_000);
});

/**
 * Ends the process in the place of the message of that number: nothing of it is sent. With -D the process is our own
 * child.
 */
function killedBefore(message: number): string[] {
  return [
    'strace',
    '-D',
    '-f',
    '-qq',
    '-o',
    '/dev/null',
    '-e',
    'trace=sendto',
    '-e',
    `inject=sendto:signal=KILL:when=${message}`,
  ];
}
