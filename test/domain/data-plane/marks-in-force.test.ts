import { marksOf } from '../../../src/domain/data-plane/marked-rules';
import { markedAsInForce } from '../../../src/domain/data-plane/marks-in-force';
import { decodeNetworkConfig } from '../../../src/domain/router/network-config';
import { ruleKey } from '../../../src/domain/router/redirect-table';
import { type IpAddress, parseIpAddress } from '../../../src/domain/values/ip-address';

const CONFIG = decodeNetworkConfig({
  name: 'partners',
  type: 'egress-router',
  ip: {
    addresses: ['192.168.12.99/24', '2001:db8:12::99/64'],
    gateways: ['192.168.12.1', 'fe80::1'],
    destinations: ['53 UDP 203.0.113.53', '53 UDP 2001:db8:113::53', '443 TCP 203.0.113.26', '203.0.113.99'],
  },
});

/** @param rules the kernel's mark of each rule, in the configuration's order; nothing where it has none */
function marks(rules: readonly (number | undefined)[], fallback?: number): number[] {
  const known = CONFIG.rules.flatMap((rule, index) =>
    rules[index] === undefined ? [] : [[ruleKey(rule), rules[index]] as const],
  );
  const fallbacks = new Map(fallback === undefined ? [] : [[4 as const, fallback]]);
  return marksOf(markedAsInForce(CONFIG, { rules: new Map(known), fallbacks, spreads: [] }));
}

test.each<[string, readonly (number | undefined)[], number | undefined, number[]]>([
  ['none are known: as ADD gives them', [], undefined, [1, 2, 3, 4]],
  ["all are known: the kernel's", [9, 3, 0x7fffffff], 1, [9, 3, 0x7fffffff, 1]],
  ['one is not known: its place, where that is free', [9, undefined, 7], 5, [9, 2, 7, 5]],
  ['its place is taken: the next that is free', [2, undefined, 1], 4, [2, 3, 1, 4]],
  ['the fallback alone is not known', [4, 2, 1], undefined, [4, 2, 1, 3]],
  ['0 is not a mark', [0, 2, 3], 4, [1, 2, 3, 4]],
  ['one for two: the first keeps it', [7, 7, 3], 7, [7, 2, 3, 4]],
])('%s', (_what, rules, fallback, expected) => expect(marks(rules, fallback)).toEqual(expected));

test("a resolved host's port is the configuration's, with the kernel's addresses; their marks are not given again", () => {
  const resolver = { servers: ['192.168.12.53'], clusterCidrs: ['10.96.0.0/12'] };
  const config = decodeNetworkConfig({
    name: 'partners',
    type: 'egress-router',
    liveRules: true,
    ip: {
      addresses: ['192.168.12.99/24'],
      gateway: '192.168.12.1',
      destinations: ['53 UDP 203.0.113.53'],
      hosts: [{ name: 'api.bank.example', ports: ['20443 TCP 443'] }],
      resolver,
    },
  });
  const port = (number: number) => ({ protocol: 'TCP', port: number, family: 4, targetPort: 443 }) as const;
  const address = parseIpAddress('203.0.113.26') as IpAddress;
  const held = [20443, 20444].map((number, index) => ({
    ...port(number),
    targets: [{ address, mark: 1 + index }],
    retired: [],
  }));
  const { rules, spreads } = markedAsInForce(config, { rules: new Map(), fallbacks: new Map(), spreads: held });
  expect(spreads).toEqual([{ ...held[0], host: 'api.bank.example' }]);
  expect(rules.map(({ mark }) => mark)).toEqual([2]);
});
