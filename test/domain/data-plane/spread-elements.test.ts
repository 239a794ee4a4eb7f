import { nftRuleText, nftTableText } from '../../../src/domain/data-plane/nft-table-text';
import { type PortSpread, withAddresses } from '../../../src/domain/data-plane/port-spread';
import { spreadElementChange, spreadElements, spreadRules } from '../../../src/domain/data-plane/spread-elements';
import { BUCKETS } from '../../../src/domain/names/spread';
import { type IpAddress, parseIpAddress } from '../../../src/domain/values/ip-address';

const addresses = (...lasts: number[]) => lasts.map((last) => parseIpAddress(`203.0.113.${last}`) as IpAddress);

const EMPTY: PortSpread = { protocol: 'TCP', port: 20443, family: 4, targetPort: 443, targets: [], retired: [] };

/** Marks from 1. */
function counted(): () => number {
  let last = 0;
  return () => ++last;
}

test('a spread has its port, buckets, and destinations with the retired ones; an empty one has its port', () => {
  const next = counted();
  const first = withAddresses(EMPTY, addresses(1), next);
  const state = withAddresses(first, addresses(2, 3), next);
  const { ports, buckets, targets } = spreadElements(4, [state, { ...EMPTY, port: 20444 }], true);
  const text = nftTableText({ name: 't', comment: '', maps: [buckets, targets], sets: [ports], chains: [] });
  expect(text).toMatch(/elements = { tcp \. 20443,\s+tcp \. 20444 }/);
  expect(text).toContain('tcp . 20443 . 0x00000001 : 203.0.113.1 . 443');
  expect(buckets.elements).toHaveLength(BUCKETS);
  expect([...new Set(buckets.elements.map(({ mark }) => mark))].sort()).toEqual([2, 3]);
  expect(spreadElements(6, [state], false).ports.elements).toEqual([]);
});

test('the rules spread the clients of a port, and leave one without destinations to the pod', () => {
  expect(spreadRules(6).map(nftRuleText)).toEqual([
    'meta l4proto . th dport @spread6 ct mark set jhash ip6 saddr mod 64 seed 0x1 offset 2147483648 ' +
      'ct mark set meta l4proto . th dport . ct mark map @buckets6 ' +
      'dnat ip6 to meta l4proto . th dport . ct mark map @targets6',
    'meta nfproto ipv6 meta l4proto . th dport @spread6 ct mark set 0x00000000 return',
  ]);
});

test('an address that comes moves only the buckets that it takes', () => {
  const next = counted();
  const first = withAddresses(EMPTY, addresses(1, 2, 3), next);
  const second = withAddresses(first, addresses(1, 2, 3, 4), next);
  const { remove, add } = spreadElementChange([first], [second], false);
  const moved = add.find(({ kind }) => kind === 'bucket')!.elements as readonly { readonly mark: number }[];
  expect(moved.length).toBeLessThan(BUCKETS / 2);
  expect(moved.every(({ mark }) => mark === 4)).toBe(true);
  expect(remove.map(({ name, elements }) => [name, elements.length])).toEqual([['buckets4', moved.length]]);
  expect(spreadElementChange([second], [second], false)).toEqual({ remove: [], add: [] });
});
