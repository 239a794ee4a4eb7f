import { Random } from '../support/random';
import { DUAL_STACK } from './lab/network-config';
import { canonicalTable } from './support/canonical-table';
import { eventually } from './support/eventually';
import { LiveRouter } from './support/live-router';
import { BUN } from './support/packet-lan';
import { describeOnKernel } from './support/requires';

const { destinations: _, ...BOTH_FAMILIES } = DUAL_STACK;

const SERVERS = ['203.0.113.25', '203.0.113.26', '2001:db8:113::25', '2001:db8:113::26'];
const FALLBACKS = [['203.0.113.27', '203.0.113.28'], ['2001:db8:113::27']];

/** Rules of both families on few ports, so that they meet again and again. */
function randomDestinations(random: Random): string[] {
  const rules = new Map<string, string>();
  for (let count = 1 + random.below(10); count > 0; count--) {
    const server = random.oneOf(SERVERS);
    const key = `${1 + random.below(6)} ${random.oneOf(['TCP', 'UDP', 'SCTP'])}`;
    rules.set(`${key} ${server.includes(':')}`, `${key} ${server} ${1 + random.below(3)}`);
  }
  return [...rules.values(), ...FALLBACKS.filter(() => random.once(2)).map((addresses) => random.oneOf(addresses))];
}

describeOnKernel('the table after live changes', ['ip', 'nft', BUN], () => {
  let router: LiveRouter;

  beforeEach(() => {
    router = new LiveRouter(BOTH_FAMILIES, { counters: true });
  });

  afterEach(() => router[Symbol.dispose]());

  const table = () => canonicalTable(router.scene.router.namespace);
  const nft = (command: string) => router.scene.router.namespace.run('nft', command);

  test('equals the one that ADD makes after 100 random sequences, except for the marks', async () => {
    const seed = 1 + Math.floor(Math.random() * 2 ** 31);
    console.info(`seed ${seed}`);
    const random = new Random(seed);
    let destinations = randomDestinations(random);
    await router.add(destinations);
    await router.start();
    for (let sequence = 0; sequence < 100; sequence++) {
      for (let change = 1 + random.below(4); change > 0; change--) {
        const before = JSON.stringify(destinations);
        destinations = randomDestinations(random);
        if (JSON.stringify(destinations) === before) continue;
        expect(await router.change(destinations)).toMatchObject({ outcome: 'success' });
      }
      const changed = table();
      const config = router.config(destinations);
      await router.scene.router.del(config);
      await router.scene.router.add(config);
      expect({ sequence, table: changed }).toEqual({ sequence, table: table() });
    }
  }, 300_000);

  test('that grew and shrank is the one that ADD makes', async () => {
    const many = Array.from({ length: 3000 }, (_value, index) => `${1 + index} UDP ${SERVERS[index % 4]} 53`);
    await router.add(many.slice(0, 3));
    await router.start();
    expect(await router.change([...many, '203.0.113.27'])).toMatchObject({ outcome: 'success', changedRules: 2998 });
    expect(await router.change(many.slice(2, 5))).toMatchObject({ outcome: 'success', changedRules: 2998 });
    const changed = table();
    const config = router.config(many.slice(2, 5));
    await router.scene.router.del(config);
    await router.scene.router.add(config);
    expect(changed).toEqual(table());
  });

  test('is taken over when the process begins, with the difference that the file makes by then', async () => {
    await router.add(['1 TCP 203.0.113.26', '2 TCP 203.0.113.26', '203.0.113.27']);
    router.configMap.swap(JSON.stringify(router.config(['2 TCP 203.0.113.26', '3 TCP 203.0.113.26', '203.0.113.27'])));
    await router.start();
    expect(router.changes).toMatchObject([{ outcome: 'success', changedRules: 2 }]);
    expect(nft('list map inet egress_router marks4')).toMatch(
      /elements = { tcp \. 2 : 0x00000002,\s+tcp \. 3 : 0x00000004 }/,
    );
    await router.kill();
    await router.start();
    expect(router.changes).toMatchObject([{ outcome: 'success', changedRules: 0 }]);
  });

  test('a foreign change is named, not made worse, and the check holds again after its undo', async () => {
    await router.add(['1 TCP 203.0.113.26', '2 TCP 203.0.113.26']);
    await router.start();
    nft('delete element inet egress_router sent { 1 }');
    const { checks } = await router.says(({ checks: found }) => found?.[0]?.problems !== undefined);
    expect(checks).toEqual([
      {
        name: 'rules',
        problems: ['element sent { 0x00000001 } is missing: changed by another program; restart the pod'],
      },
    ]);
    const { outcome, error } = await router.change(['2 TCP 203.0.113.26']);
    expect([outcome, error]).toEqual(['failure', checks![0]!.problems![0]]);
    nft('add element inet egress_router sent { 1 }');
    // What waited comes into force by itself.
    await eventually(() => expect(router.changes.at(-1)).toMatchObject({ outcome: 'success', changedRules: 1 }));
    await eventually(() => expect(router.said.at(-1)).toEqual({ checks: [{ name: 'rules' }] }));
  });

  test('tables of other programs, and their changes, do not matter', async () => {
    await router.add(['1 TCP 203.0.113.26']);
    await router.start();
    for (const port of [1, 2, 3]) {
      nft(`add table inet other${port}`);
      expect(await router.change([`1 TCP 203.0.113.26`, `2 TCP 203.0.113.26 ${port}`])).toMatchObject({
        outcome: 'success',
      });
    }
    await router.looksAgain();
    expect(router.said.filter(({ checks }) => checks !== undefined)).toEqual([{ checks: [{ name: 'rules' }] }]);
  });

  test('of a pod that was made without a health port is its own, and takes changes', async () => {
    using other = new LiveRouter(BOTH_FAMILIES, { healthPort: undefined });
    await other.add(['1 TCP 203.0.113.26']);
    await other.start();
    expect(await other.change(['1 TCP 203.0.113.26', '2 UDP 203.0.113.26'])).toMatchObject({ outcome: 'success' });
    await other.looksAgain();
    expect(other.said.filter(({ checks }) => checks !== undefined)).toEqual([{ checks: [{ name: 'rules' }] }]);
    // It would take the port that the process answers on.
    expect(await other.change(['1 TCP 203.0.113.26', '203.0.113.27'])).toMatchObject({
      outcome: 'failure',
      error: expect.stringContaining('healthPort: (nothing) is missing beside a fallback, which takes port 9180'),
    });
  });

  test('a missing table is a problem', async () => {
    await router.add(['1 TCP 203.0.113.26']);
    nft('delete table inet egress_router');
    await router.start();
    expect(router.said).toContainEqual({
      checks: [
        {
          name: 'rules',
          problems: ['table inet egress_router is missing: changed by another program; restart the pod'],
        },
      ],
    });
    expect(nft('list tables')).toBe('');
  });

  test.each<[string, (router: LiveRouter) => string, RegExp]>([
    [
      'half a file',
      (live) => JSON.stringify(live.config(['1 TCP 203.0.113.26'])).slice(0, 99),
      /config\.json: is not JSON/,
    ],
    ['an empty file', () => '', /config\.json: is not JSON/],
    [
      'a rule with a mistake',
      (live) => JSON.stringify(live.config(['1 TPC 203.0.113.26'])),
      /names the protocol "TPC"/,
    ],
    [
      'another health port',
      (live) => JSON.stringify(live.config(['1 TCP 203.0.113.26'], { healthPort: 9181 })),
      /healthPort: 9181 is not what this pod was made with \(9180\); .*needs a restart of the pod/,
    ],
  ])('stays as it is after %s, which is said once', async (_name, content, problem) => {
    await router.add(['1 TCP 203.0.113.26']);
    await router.start();
    const before = table();
    const inForce = router.changes[0]!.configHash;
    const { outcome, configHash, error } = await router.swap(content(router));
    expect([outcome, configHash]).toEqual(['failure', inForce]);
    expect(error).toMatch(problem);
    expect(table()).toEqual(before);
    await router.looksAgain();
    expect(router.said.filter(({ level }) => level === 'error')).toHaveLength(1);
    expect(router.changes).toHaveLength(2);
    expect(router.said.filter(({ checks }) => checks !== undefined)).toEqual([{ checks: [{ name: 'rules' }] }]);
    expect(await router.change(['2 TCP 203.0.113.26'])).toMatchObject({ outcome: 'success', changedRules: 2 });
  });
});
