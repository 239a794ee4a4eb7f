import type { NftMap, NftPortSet } from '../../../src/domain/data-plane/nft-table';
import { nftRuleText, nftTableText } from '../../../src/domain/data-plane/nft-table-text';
import {
  MOST_RETIRED,
  marksOfSpread,
  type PortSpread,
  spreadElementChange,
  spreadElements,
  spreadRule,
  withAddresses,
  withoutEnded,
} from '../../../src/domain/data-plane/port-spread';
import { BUCKETS } from '../../../src/domain/names/spread';
import { type IpAddress, parseIpAddress } from '../../../src/domain/values/ip-address';
import { Random } from '../../support/random';
import { repetitions } from '../../support/repetitions';

const address = (last: number) => parseIpAddress(`203.0.113.${last}`) as IpAddress;
const addresses = (...lasts: number[]) => lasts.map(address);

const EMPTY: PortSpread = { protocol: 'TCP', port: 20443, family: 4, targetPort: 443, targets: [], retired: [] };

/** Marks from 1. */
function counted(): () => number {
  let last = 0;
  return () => ++last;
}

const texts = (targets: PortSpread['targets']) => targets.map(({ address: { text }, mark }) => `${mark} ${text}`);

test('an address keeps its mark; one that leaves is retired, and gets its mark back', () => {
  const next = counted();
  const first = withAddresses(EMPTY, addresses(1, 2), next).after;
  expect(texts(first.targets)).toEqual(['1 203.0.113.1', '2 203.0.113.2']);
  const second = withAddresses(first, addresses(2, 3), next);
  expect(texts(second.after.targets)).toEqual(['2 203.0.113.2', '3 203.0.113.3']);
  expect(texts(second.after.retired)).toEqual(['1 203.0.113.1']);
  expect(second.freedMarks).toEqual([]);
  expect(marksOfSpread(second.after)).toEqual([2, 3, 1]);
  const third = withAddresses(second.after, addresses(1), next);
  expect(texts(third.after.targets)).toEqual(['1 203.0.113.1']);
  expect(texts(third.after.retired)).toEqual(['2 203.0.113.2', '3 203.0.113.3']);
});

test('flows of UDP move: an address that leaves is cut', () => {
  const next = counted();
  const first = withAddresses({ ...EMPTY, protocol: 'UDP' }, addresses(1, 2), next).after;
  const { after, freedMarks } = withAddresses(first, addresses(2), next);
  expect([texts(after.retired), freedMarks]).toEqual([[], [1]]);
});

test('a port keeps a bounded number of retired addresses, the newest ones', () => {
  const next = counted();
  let state = EMPTY;
  const freed: number[] = [];
  for (let last = 1; last <= 100; last++) {
    const step = withAddresses(state, addresses(last), next);
    state = step.after;
    freed.push(...step.freedMarks);
  }
  expect(state.retired).toHaveLength(MOST_RETIRED);
  expect(freed).toEqual(Array.from({ length: 99 - MOST_RETIRED }, (_, index) => index + 1));
});

test('a retired address ends with its last connection', () => {
  const next = counted();
  const state = withAddresses(withAddresses(EMPTY, addresses(1, 2), next).after, addresses(3), next).after;
  expect(withoutEnded(state, new Set([1, 2, 3]))).toBe(state);
  expect(texts(withoutEnded(state, new Set([2])).retired)).toEqual(['2 203.0.113.2']);
  expect(texts(withoutEnded(state, new Set()).targets)).toEqual(['3 203.0.113.3']);
});

test('a spread is one rule, a port, its buckets, and its targets with the retired ones', () => {
  const next = counted();
  const state = withAddresses(withAddresses(EMPTY, addresses(1, 2), next).after, addresses(2, 3), next).after;
  const { ports, buckets, targets } = spreadElements(4, [state, { ...EMPTY, port: 20444 }], true);
  const text = nftTableText({ name: 't', comment: '', maps: [buckets, targets], sets: [ports], chains: [] });
  expect(text).toContain('elements = { tcp . 20443 }');
  expect(text).toContain('tcp . 0x00000001 : 203.0.113.1 . 443');
  expect(buckets.elements).toHaveLength(BUCKETS);
  expect([...new Set(buckets.elements.map(({ mark }) => mark))].sort()).toEqual([2, 3]);
  expect(nftRuleText(spreadRule(6))).toBe(
    'meta l4proto . th dport @spread6 ct mark set jhash ip6 saddr mod 64 seed 0x1 offset 2147483648 ' +
      'ct mark set meta l4proto . th dport . ct mark map @buckets6 dnat ip6 to meta l4proto . ct mark map @targets6',
  );
  expect(spreadElements(6, [state], false).ports.elements).toEqual([]);
});

test('an address that comes moves only the buckets that it takes', () => {
  const next = counted();
  const first = withAddresses(EMPTY, addresses(1, 2, 3), next).after;
  const second = withAddresses(first, addresses(1, 2, 3, 4), next).after;
  const { remove, add } = spreadElementChange(first, second, false);
  const moved = add.find(({ kind }) => kind === 'bucket')!.elements as readonly { readonly mark: number }[];
  expect(moved.length).toBeLessThan(BUCKETS / 2);
  expect(moved.every(({ mark }) => mark === 4)).toBe(true);
  expect(remove.map(({ name, elements }) => [name, elements.length])).toEqual([['buckets4', moved.length]]);
  expect(spreadElementChange(second, second, false)).toEqual({ remove: [], add: [] });
});

test('after any changes the elements are those of the spread', () => {
  const random = new Random(64);
  for (let round = repetitions(20, 200); round > 0; round--) {
    const next = counted();
    const table = new Map<string, string>();
    let state = EMPTY;
    for (let step = 0; step < 20; step++) {
      const wanted = [...new Set(Array.from({ length: random.below(6) }, () => 1 + random.below(12)))].map(address);
      const moved = withAddresses(state, wanted, next).after;
      const after = random.once(3) ? withoutEnded(moved, new Set([1 + random.below(12)])) : moved;
      apply(table, spreadElementChange(state, after, false));
      state = after;
      const { ports, buckets, targets } = spreadElements(4, [state], false);
      const wholly = new Map([ports, buckets, targets].flatMap(elementsOf));
      expect(new Map([...table].sort())).toEqual(new Map([...wholly].sort()));
    }
  }
});

/** Deletes and adds elements as the kernel does, which refuses what is missing or there already. */
function apply(table: Map<string, string>, { remove, add }: ReturnType<typeof spreadElementChange>): void {
  for (const [key] of remove.flatMap(elementsOf)) if (!table.delete(key)) throw new Error(`${key} is missing`);
  for (const [key, value] of add.flatMap(elementsOf)) {
    if (table.has(key)) throw new Error(`${key} is there already`);
    table.set(key, value);
  }
}

/** Key and value of each element. */
function elementsOf(set: NftMap | NftPortSet): [key: string, value: string][] {
  switch (set.kind) {
    case 'bucket':
      return set.elements.map(({ port, bucket, mark }) => [`${set.name} ${port} ${bucket}`, `${mark}`]);
    case 'mark-target':
      return set.elements.map(({ mark, address: { text } }) => [`${set.name} ${mark}`, text]);
    default:
      return set.elements.map(({ protocol, port }) => [`${set.name} ${protocol} ${port}`, '']);
  }
}
