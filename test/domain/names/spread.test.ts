import { BUCKETS, spread } from '../../../src/domain/names/spread';
import { type IpAddress, parseIpAddress } from '../../../src/domain/values/ip-address';
import { Random } from '../../support/random';
import { repetitions } from '../../support/repetitions';

const address = (text: string) => parseIpAddress(text) as IpAddress;
const texts = (addresses: readonly IpAddress[]) => spread(addresses).map(({ text }) => text);
const some = (random: Random, count: number) =>
  [...new Set(Array.from({ length: count }, () => `203.0.${random.below(256)}.${1 + random.below(254)}`))].map(address);

test('every bucket has an address, and none without addresses', () => {
  expect(spread([])).toEqual([]);
  expect(texts([address('203.0.113.1')])).toEqual(new Array(BUCKETS).fill('203.0.113.1'));
  expect(texts([address('2001:db8::1'), address('2001:db8::2')])).toHaveLength(BUCKETS);
});

test('the buckets of two addresses are these: another release must not move clients', () => {
  const shares = texts(['203.0.113.1', '203.0.113.2'].map(address)).map((text) => text.at(-1));
  expect(shares.join('')).toMatchInlineSnapshot(`"1112222122122111111121112211121121122221112111122211211122112112"`);
});

test('the order of the addresses does not matter, and one that comes or goes moves only its share', () => {
  const random = new Random(18);
  for (let count = repetitions(200, 2000); count > 0; count--) {
    const addresses = some(random, 2 + random.below(62));
    const before = texts(addresses);
    expect(texts([...addresses].reverse())).toEqual(before);
    const [gone, ...rest] = addresses;
    const after = texts(rest);
    // Only the buckets of the address that went have another one; the same says what an address that comes takes.
    expect(before.every((text, bucket) => text === gone!.text || text === after[bucket])).toBe(true);
  }
});

test('addresses share the buckets evenly', () => {
  const random = new Random(7);
  const counts = new Map<number, number>();
  for (let round = 0; round < 500; round++) {
    const addresses = some(random, 4);
    texts(addresses).forEach((text) => {
      const place = addresses.findIndex((one) => one.text === text);
      counts.set(place, (counts.get(place) ?? 0) + 1);
    });
  }
  // 8,000 each of 32,000.
  for (const count of counts.values()) expect(Math.abs(count - 8000)).toBeLessThan(400);
});
