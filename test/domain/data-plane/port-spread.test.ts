import {
  MOST_RETIRED,
  marksOfSpread,
  type PortSpread,
  withAddresses,
  withoutEnded,
} from '../../../src/domain/data-plane/port-spread';
import { BUCKETS, spread } from '../../../src/domain/names/spread';
import { type IpAddress, parseIpAddress } from '../../../src/domain/values/ip-address';

const address = (last: number) => parseIpAddress(`203.0.113.${last}`) as IpAddress;
const addresses = (...lasts: number[]) => lasts.map(address);

const EMPTY: PortSpread = { protocol: 'TCP', port: 20443, family: 4, targetPort: 443, targets: [], retired: [] };

/** Marks from 1. */
function counted(): () => number {
  let last = 0;
  return () => ++last;
}

const texts = (targets: PortSpread['targets']) =>
  targets.map(({ address: { text }, mark }) => `${mark} ${text}`).sort();

test('an address keeps its mark; one that leaves is retired, and gets its mark back', () => {
  const next = counted();
  const first = withAddresses(EMPTY, addresses(1), next);
  expect(texts(first.targets)).toEqual(['1 203.0.113.1']);
  const second = withAddresses(first, addresses(1, 2), next);
  expect(texts(second.targets)).toEqual(['1 203.0.113.1', '2 203.0.113.2']);
  const third = withAddresses(second, addresses(2, 3), next);
  expect(texts(third.targets)).toEqual(['2 203.0.113.2', '3 203.0.113.3']);
  expect(texts(third.retired)).toEqual(['1 203.0.113.1']);
  expect(marksOfSpread(third).sort()).toEqual([1, 2, 3]);
  const fourth = withAddresses(third, addresses(1), next);
  expect(texts(fourth.targets)).toEqual(['1 203.0.113.1']);
  expect(texts(fourth.retired)).toEqual(['2 203.0.113.2', '3 203.0.113.3']);
});

test('the same addresses in another order change nothing', () => {
  const first = withAddresses(EMPTY, addresses(1, 2, 3), counted());
  expect(withAddresses(first, addresses(3, 1, 2), counted())).toBe(first);
});

test('an address that the hash gives no client has no mark', () => {
  const many = addresses(...Array.from({ length: BUCKETS }, (_, index) => index + 1));
  const next = counted();
  const full = withAddresses(EMPTY, many, next);
  expect(new Set(full.targets.map(({ address: { text } }) => text))).toEqual(
    new Set(spread(many).map(({ text }) => text)),
  );
  expect(full.targets.length).toBeLessThan(BUCKETS);
  expect(withAddresses(full, many, next)).toBe(full);
});

test('flows of UDP move: an address that leaves is cut', () => {
  const next = counted();
  const first = withAddresses({ ...EMPTY, protocol: 'UDP' }, addresses(1, 2), next);
  const second = withAddresses(first, addresses(2), next);
  expect([texts(second.targets), second.retired]).toEqual([
    texts(first.targets).filter((text) => text.endsWith('2')),
    [],
  ]);
});

test('a port keeps a bounded number of retired addresses, the newest ones', () => {
  const next = counted();
  let state = EMPTY;
  for (let last = 1; last <= 100; last++) state = withAddresses(state, addresses(last), next);
  expect(state.retired.map(({ mark }) => mark)).toEqual(
    Array.from({ length: MOST_RETIRED }, (_, index) => 100 - MOST_RETIRED + index),
  );
});

test('a retired address ends with its last connection', () => {
  const next = counted();
  const state = withAddresses(withAddresses(EMPTY, addresses(1, 2), next), addresses(3), next);
  expect(withoutEnded(state, new Set([3]))).toBe(state);
  expect(state.retired).toHaveLength(2);
  const [first, second] = state.retired;
  expect(withoutEnded(state, new Set([first!.mark])).retired).toEqual([second]);
  expect(texts(withoutEnded(state, new Set([1, 2, 3])).targets)).toEqual(['3 203.0.113.3']);
});
