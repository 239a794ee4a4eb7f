import { marksOf } from '../../../src/domain/data-plane/marked-rules';
import { markedAsInForce } from '../../../src/domain/data-plane/marks-in-force';
import { decodeNetworkConfig } from '../../../src/domain/router/network-config';
import { ruleKey } from '../../../src/domain/router/redirect-table';

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
  return marksOf(markedAsInForce(CONFIG, { rules: new Map(known), fallbacks }));
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
