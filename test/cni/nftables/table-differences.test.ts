import { createTable, decodeTable } from '../../../cni/netlink/nftables/table';
import { tableDifferences } from '../../../cni/netlink/nftables/table-differences';
import type { NftTable } from '../../../src/domain/data-plane/nft-table';
import { messagesOf, recordedMessages } from '../../support/recorded-netlink';
import { manyRules, ROUTER_TABLES } from '../../support/router-tables';

const wanted = ROUTER_TABLES['dual-stack-fallback-counters'];

const compare = (observed: NftTable, other: NftTable = wanted) =>
  tableDifferences(other, decodeTable(messagesOf(createTable(observed))));

function replaced<T>(list: readonly T[], index: number, by: readonly T[]): T[] {
  return [...list.slice(0, index), ...by, ...list.slice(index + 1)];
}

const without = <T>(list: readonly T[], index: number) => replaced(list, index, []);

test.each(Object.entries(ROUTER_TABLES))('the table %s does not differ from itself', (_, table) => {
  expect(compare(table, table)).toEqual([]);
});

test('no table at all is one difference', () => {
  expect(tableDifferences(wanted, undefined)).toEqual(['table inet egress_router is missing']);
});

test('the comparison reports attributes that nft leaves to the kernel', () => {
  // The kernel fills them in; test/kernel compares what it reports.
  const differences = tableDifferences(ROUTER_TABLES.ipv4, decodeTable(recordedMessages('nft-f-ipv4')));
  expect(differences.every((difference) => difference.startsWith('rule '))).toBe(true);
});

const changes: readonly (readonly [string, Partial<NftTable>, readonly string[]])[] = [
  [
    'another comment',
    { comment: 'mine' },
    ['table inet egress_router: comment is "mine", not "egress-router layout 2 interface net1"'],
  ],
  [
    'no chain forward',
    { chains: wanted.chains.filter(({ name }) => name !== 'forward') },
    ['chain forward is missing'],
  ],
  [
    'another policy',
    { chains: wanted.chains.map((chain) => ({ ...chain, policy: 'accept' as const })) },
    [
      'chain forward is "type filter hook forward priority filter; policy accept;", not "type filter hook forward priority filter; policy drop;"',
    ],
  ],
  ['no set', { sets: wanted.sets.slice(1) }, ['set sent is missing']],
  [
    'another type',
    { maps: wanted.maps.map((map) => (map.name === 'redirect4' ? { ...wanted.maps[0]!, name: map.name } : map)) },
    [
      'map redirect4: type is "type inet_proto . inet_service : mark", not "type inet_proto . inet_service : ipv4_addr . inet_service"',
    ],
  ],
  [
    'no counter',
    { sets: wanted.sets.map((set) => (set.kind === 'marks' ? { ...set, counter: false } : set)) },
    ['set sent has no counter', 'set received has no counter'],
  ],
  [
    'another service',
    {
      sets: wanted.sets.map((set) =>
        set.kind === 'services'
          ? { ...set, elements: set.elements.map((element, index) => (index > 0 ? element : { ...element, port: 22 })) }
          : set,
      ),
    },
    [
      'element own4 { udp . 192.168.12.1 . 9 } is missing',
      'element own4 { udp . 192.168.12.1 . 22 } is unexpected',
      'element own6 { udp . fe80::1 . 9 } is missing',
      'element own6 { udp . fe80::1 . 22 } is unexpected',
    ],
  ],
  [
    'another mark',
    {
      maps: wanted.maps.map((map) =>
        map.kind === 'mark' && map.name === 'marks6'
          ? { ...map, elements: map.elements.map((element) => ({ ...element, mark: element.mark + 1 })).slice(0, 1) }
          : map,
      ),
    },
    [
      'element marks6 is { tcp . 8443 : 0x00000005 }, not { tcp . 8443 : 0x00000004 }',
      'element marks6 { udp . 53 : 0x00000005 } is missing',
      'element marks6 { sctp . 3868 : 0x00000006 } is missing',
    ],
  ],
  [
    'another target',
    {
      maps: wanted.maps.map((map) =>
        map.kind === 'target' && map.name === 'redirect6'
          ? { ...map, elements: map.elements.map((element) => ({ ...element, targetPort: 1 })).slice(0, 1) }
          : map,
      ),
    },
    [
      'element redirect6 is { tcp . 8443 : 2001:db8:113::26 . 1 }, not { tcp . 8443 : 2001:db8:113::26 . 443 }',
      'element redirect6 { udp . 53 : 2001:db8:113::53 . 53 } is missing',
      'element redirect6 { sctp . 3868 : 2001:db8:113::68 . 3868 } is missing',
    ],
  ],
  [
    'one mark more',
    {
      sets: wanted.sets.map((set) => (set.kind === 'marks' ? { ...set, marks: [...set.marks, 0xfffffffe] } : set)),
    },
    ['element sent { 0xfffffffe } is unexpected', 'element received { 0xfffffffe } is unexpected'],
  ],
];

test.each(changes)('%s', (_, change, expected) => {
  expect(compare({ ...wanted, ...change })).toEqual(expected);
});

test('each statement of each rule counts', () => {
  for (const [chainIndex, chain] of wanted.chains.entries()) {
    for (const [index, rule] of chain.rules.entries()) {
      for (let statement = 0; statement < rule.length; statement++) {
        const rules = replaced(chain.rules, index, [without(rule, statement)]);
        const chains = replaced(wanted.chains, chainIndex, [{ ...chain, rules }]);
        const [difference, ...others] = compare({ ...wanted, chains });
        expect(difference).toMatch(`rule ${index + 1} of chain ${chain.name} (handle 0) is another one, not: `);
        expect(others).toEqual([]);
      }
    }
  }
});

test('a rule that was put in between, or taken out, is named alone', () => {
  const prerouting = wanted.chains.find(({ name }) => name === 'prerouting');
  const others = wanted.chains.filter((chain) => chain !== prerouting);
  const withRules = (rules: (typeof prerouting & object)['rules']) =>
    compare({ ...wanted, chains: [{ ...prerouting!, rules }, ...others] });
  expect(withRules([[{ kind: 'accept' }], ...prerouting!.rules])).toEqual([
    'rule 1 of chain prerouting (handle 0) is unexpected',
  ]);
  expect(withRules(without(prerouting!.rules, 5))).toEqual([
    'rule 6 of chain prerouting is missing: ' + 'meta nfproto ipv4 dnat ip to meta l4proto . th dport map @redirect4',
  ]);
});

test('among 10,000 rules the one that differs is named', () => {
  const many = manyRules(10_000, { counters: true });
  const maps = many.maps.map((map) => (map.kind === 'mark' ? { ...map, elements: map.elements.slice(0, 9_999) } : map));
  expect(compare(many, many)).toEqual([]);
  expect(compare({ ...many, maps }, many)).toEqual(['element marks4 { tcp . 10000 : 0x00002710 } is missing']);
});
