import { join } from 'node:path';
import type { NftTable } from '../../src/domain/data-plane/nft-table';
import { nftRuleText, nftTableText } from '../../src/domain/data-plane/nft-table-text';
import { manyRules, ROUTER_TABLES } from '../support/router-tables';
import { Namespace } from './lab/namespace';
import { BUN } from './support/packet-lan';
import { describeOnKernel } from './support/requires';

const DRIVER = join(__dirname, 'support/nftables-driver.ts');

interface Answer {
  readonly result?: unknown;
  readonly error?: string;
  readonly milliseconds: number;
}

/** What `nft --json` prints, without numbers that the kernel gives out. */
type Listing = Readonly<Record<string, unknown>>[];

describeOnKernel('the table in the kernel', ['ip', 'nft', BUN], () => {
  let namespace: Namespace;

  beforeEach(() => {
    namespace = Namespace.create(`nftables-${process.pid}`);
  });

  afterEach(() => namespace[Symbol.dispose]());

  /** Runs our own code in the namespace. */
  function ours(verb: 'create' | 'delete' | 'comment' | 'differences', table: NftTable): Answer {
    const { status, stdout, stderr } = namespace.try([BUN, DRIVER, verb], JSON.stringify(table));
    if (status !== 0) throw new Error(`${verb}: exit status ${status}: ${stderr}`);
    return JSON.parse(stdout);
  }

  function create(table: NftTable): void {
    expect(ours('create', table)).toEqual({ milliseconds: expect.any(Number) });
  }

  function nft(commands: string): void {
    const { status, stderr } = namespace.try(['nft', '-f', '-'], commands);
    if (status !== 0) throw new Error(`nft: exit status ${status}: ${stderr}`);
  }

  function listing(): Listing {
    const { nftables } = JSON.parse(namespace.run('nft', '--json', 'list', 'ruleset')) as { nftables: Listing };
    const withoutHandles = (_: string, value: unknown) => {
      if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
      const { handle, elem, ...rest } = value as { handle?: unknown; elem?: unknown };
      // A hash table has no order.
      return Array.isArray(elem)
        ? { ...rest, elem: elem.map((each) => JSON.stringify(each)).sort() }
        : { elem, ...rest };
    };
    return JSON.parse(JSON.stringify(nftables, withoutHandles));
  }

  test.each(Object.entries({ ...ROUTER_TABLES, '10,000 rules': manyRules(10_000) }))(
    'the table %s is what nft makes of its text',
    (_, table) => {
      create(table);
      const made = listing();
      expect(made.length).toBeGreaterThan(10);
      expect(ours('differences', table).result).toEqual([]);
      expect(ours('delete', table).error).toBeUndefined();
      expect(namespace.run('nft', 'list', 'ruleset')).toBe('');
      nft(nftTableText(table));
      expect(listing()).toEqual(made);
      // Nothing depends on who wrote it.
      expect(ours('differences', table).result).toEqual([]);
    },
  );

  test('rules are printed by nft word for word as we print them', () => {
    const tables = [ROUTER_TABLES['dual-stack-fallback-counters'], { ...ROUTER_TABLES.resolved, name: 'resolved' }];
    for (const table of tables) create(table);
    const lines = namespace
      // Without the values of counters.
      .run('nft', '--stateless', 'list', 'ruleset')
      .split('\n')
      .map((line) => line.trim());
    for (const { rules } of tables.flatMap(({ chains }) => chains)) {
      for (const rule of rules) expect(lines).toContain(nftRuleText(rule));
    }
  });

  test('elements can be added later, as many as there are again', () => {
    const table = manyRules(2000);
    create(table);
    const elements = Array.from({ length: 2000 }, (_, index) => `tcp . ${40_000 + index} : 1`);
    nft(`add element inet egress_router marks4 { ${elements.join(', ')} }`);
    expect(ours('differences', table).result).toHaveLength(2000);
  });

  test('a table that exists is refused, by the name of what was refused', () => {
    create(ROUTER_TABLES.ipv4);
    const before = listing();
    expect(ours('create', ROUTER_TABLES.ipv6).error).toBe(
      'nft create table inet egress_router: EEXIST, exists already',
    );
    expect(listing()).toEqual(before);
  });

  test('a rejected request is named, and nothing of the table remains', () => {
    const [guard, ...others] = ROUTER_TABLES.ipv4.chains;
    const rules = [[{ kind: 'ct-mark-in' as const, set: 'nowhere' }], ...guard!.rules];
    const table = { ...ROUTER_TABLES.ipv4, chains: [{ ...guard!, rules }, ...others] };
    expect(ours('create', table).error).toMatch(
      /^nft add rule inet egress_router guard ct mark @nowhere: ENOENT, no such thing/,
    );
    expect(namespace.run('nft', 'list', 'ruleset')).toBe('');
  });

  test('a missing privilege is named', () => {
    const command = ['setpriv', '--bounding-set=-net_admin', '--inh-caps=-net_admin', BUN, DRIVER, 'create'];
    const { stdout } = namespace.try(command, JSON.stringify(ROUTER_TABLES.ipv4));
    expect(JSON.parse(stdout).error).toMatch(/^nft create table inet egress_router: EPERM, operation not permitted/);
  });

  test('the comment is read; nothing without a table', () => {
    expect(ours('comment', ROUTER_TABLES.ipv4).result).toBeUndefined();
    create(ROUTER_TABLES.ipv4);
    expect(ours('comment', ROUTER_TABLES.ipv4).result).toBe('egress-router layout 2 interface net1');
  });

  test('other tables do not matter', () => {
    create(ROUTER_TABLES.ipv4);
    nft(`
      table ip egress_router { chain forward { type filter hook forward priority 0; policy drop; accept; }; }
      table inet other { set sent { type mark; elements = { 7 }; }; chain forward { drop; }; }
    `);
    expect(ours('differences', ROUTER_TABLES.ipv4).result).toEqual([]);
  });

  const INPUT_RULES = ROUTER_TABLES['dual-stack'].chains.find(({ name }) => name === 'input')!.rules.length;
  const manipulations: readonly (readonly [command: string, differences: readonly unknown[]])[] = [
    ['delete table inet egress_router', ['table inet egress_router is missing']],
    ['add table inet egress_router { flags dormant; }', ['table inet egress_router is dormant']],
    ['delete element inet egress_router marks4 { udp . 53 }', ['element marks4 { udp . 53 : 0x00000002 } is missing']],
    [
      'delete element inet egress_router redirect6 { tcp . 8443 }',
      ['element redirect6 { tcp . 8443 : 2001:db8:113::26 . 443 } is missing'],
    ],
    [
      `delete element inet egress_router redirect4 { tcp . 8443 }
       add element inet egress_router redirect4 { tcp . 8443 : 203.0.113.66 . 443 }`,
      ['element redirect4 is { tcp . 8443 : 203.0.113.66 . 443 }, not { tcp . 8443 : 203.0.113.26 . 443 }'],
    ],
    ['add element inet egress_router sent { 0x99 }', ['element sent { 0x00000099 } is unexpected']],
    ['add element inet egress_router received { * }', ['element received { * } is unexpected']],
    [
      'add element inet egress_router redirect4 { udp . 80 : 10.96.0.1 . 443 }',
      ['element redirect4 { udp . 80 : 10.96.0.1 . 443 } is unexpected'],
    ],
    [
      'delete element inet egress_router own4 { tcp . 203.0.113.26 . 443 }',
      ['element own4 { tcp . 203.0.113.26 . 443 } is missing'],
    ],
    [
      'add element inet egress_router own6 { tcp . 2001:db8:113::27 . 22 }',
      ['element own6 { tcp . 2001:db8:113::27 . 22 } is unexpected'],
    ],
    ['delete element inet egress_router received { 2 }', ['element received { 0x00000002 } is missing']],
    [
      'flush chain inet egress_router postrouting',
      [
        'rule 1 of chain postrouting is missing: meta nfproto ipv4 oifname "net1" snat ip to 192.168.12.99 fully-random',
        'rule 2 of chain postrouting is missing: meta nfproto ipv6 oifname "net1" snat ip6 to 2001:db8:12::99 fully-random',
      ],
    ],
    [
      'insert rule inet egress_router forward accept',
      [expect.stringMatching(/^rule 1 of chain forward \(handle \d+\) is unexpected$/)],
    ],
    [
      'add rule inet egress_router input counter',
      [expect.stringMatching(new RegExp(`^rule ${INPUT_RULES + 1} of chain input \\(handle \\d+\\) is unexpected$`))],
    ],
    [
      `flush chain inet egress_router forward
       add rule inet egress_router forward iifname "eth0" oifname "net1" ct direction original ct mark != @sent accept
       add rule inet egress_router forward iifname "net1" oifname "eth0" ct direction reply ct mark @received accept`,
      [
        expect.stringMatching(
          /^rule 1 of chain forward \(handle \d+\) is another one, not: iifname "eth0" oifname "net1" ct direction original ct mark @sent accept$/,
        ),
      ],
    ],
    [
      `flush chain inet egress_router postrouting
       add rule inet egress_router postrouting meta nfproto ipv4 oifname "net1" meta l4proto tcp snat ip to 192.168.12.99:1024-2048 fully-random
       add rule inet egress_router postrouting meta nfproto ipv6 oifname "net1" snat ip6 to 2001:db8:12::99`,
      [
        expect.stringMatching(/^rule 1 of chain postrouting \(handle \d+\) is another one, not: /),
        expect.stringMatching(/^rule 2 of chain postrouting \(handle \d+\) is another one, not: /),
      ],
    ],
    [
      'chain inet egress_router forward { policy accept; }',
      [
        'chain forward is "type filter hook forward priority filter; policy accept;", not "type filter hook forward priority filter; policy drop;"',
      ],
    ],
    ['add chain inet egress_router mine', ['chain mine is unexpected']],
    ['add set inet egress_router mine { type mark; }', ['set mine is unexpected']],
    [
      `flush chain inet egress_router input
       delete chain inet egress_router input
       add chain inet egress_router input`,
      [
        'chain input is "no hook", not "type filter hook input priority filter; policy accept;"',
        ...Array.from({ length: INPUT_RULES }, (_, index) => index + 1).map((rule) =>
          expect.stringContaining(`rule ${rule} of chain input is missing: `),
        ),
      ],
    ],
    [
      `flush chain inet egress_router forward
       delete set inet egress_router sent`,
      [
        'set sent is missing',
        'rule 1 of chain forward is missing: iifname "eth0" oifname "net1" ct direction original ct mark @sent accept',
        'rule 2 of chain forward is missing: iifname "net1" oifname "eth0" ct direction reply ct mark @received accept',
      ],
    ],
    [
      `flush chain inet egress_router forward
       delete set inet egress_router sent
       add set inet egress_router sent { type mark; elements = { 1, 2, 3, 4, 5, 6 }; }
       add rule inet egress_router forward iifname "eth0" oifname "net1" ct direction original ct mark @sent accept
       add rule inet egress_router forward iifname "net1" oifname "eth0" ct direction reply ct mark @received accept`,
      ['set sent has no counter'],
    ],
  ];

  test.each(manipulations)('%s', (command, differences) => {
    const table = {
      ...ROUTER_TABLES['dual-stack'],
      sets: ROUTER_TABLES['dual-stack'].sets.map((set) => (set.kind === 'marks' ? { ...set, counter: true } : set)),
    };
    create(table);
    nft(command);
    expect(ours('differences', table).result).toEqual(differences);
  });

  test('loading and comparing 10,000 rules take the time that is stated', () => {
    for (const counters of [false, true]) {
      const table = manyRules(10_000, { counters });
      const created = ours('create', table);
      const compared = ours('differences', table);
      console.info(
        `10,000 rules ${counters ? 'with' : 'without'} counters: created in ${created.milliseconds.toFixed(0)} ms, ` +
          `read and compared in ${compared.milliseconds.toFixed(0)} ms`,
      );
      expect(compared.result).toEqual([]);
      ours('delete', table);
    }
  });
});
