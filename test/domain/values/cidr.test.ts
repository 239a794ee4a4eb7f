import * as fc from 'fast-check';
import {
  bitsOf,
  type Cidr,
  cidr,
  contains,
  networkAddress,
  parseCidr,
  subnetRole,
} from '../../../src/domain/values/cidr';
import { type IpAddress, parseIpAddress } from '../../../src/domain/values/ip-address';
import { addressOf, anyAddress, anyCidr, numberOf } from '../../support/arbitrary-address';

const address = (text: string) => parseIpAddress(text) as IpAddress;
const subnet = (text: string) => parseCidr(text) as Cidr;

/** The first and the last number of the subnet, by shifting. */
function bounds({ address: { bytes }, prefixLength }: Cidr): { first: bigint; last: bigint } {
  const hostBits = BigInt(bytes.length * 8 - prefixLength);
  const first = (numberOf(bytes) >> hostBits) << hostBits;
  return { first, last: first + (1n << hostBits) - 1n };
}

test.each([
  ['192.168.12.99/24', '192.168.12.99/24'],
  ['0.0.0.0/0', '0.0.0.0/0'],
  ['10.0.0.1/32', '10.0.0.1/32'],
  ['2001:DB8:0:0::99/64', '2001:db8::99/64'],
  ['::/0', '::/0'],
  ['::1/128', '::1/128'],
])('%s is %s', (text, canonical) => {
  expect(parseCidr(text)).toMatchObject({ text: canonical, address: address(canonical.split('/')[0]!) });
  expect(subnet(text).prefixLength).toBe(Number(text.split('/')[1]));
});

test.each([
  ['192.168.12.99', 'has no prefix length'],
  ['2001:db8::1', 'has no prefix length'],
  ['192.168.12.99/', 'has a malformed prefix length'],
  ['192.168.12.99/024', 'has a malformed prefix length'],
  ['192.168.12.99/+24', 'has a malformed prefix length'],
  ['192.168.12.99/-1', 'has a malformed prefix length'],
  ['192.168.12.99/24.0', 'has a malformed prefix length'],
  ['192.168.12.99/24 ', 'has a malformed prefix length'],
  ['192.168.12.99/24\n', 'has a malformed prefix length'],
  ['192.168.12.99/24/24', 'has a malformed prefix length'],
  ['192.168.12.99/255.255.255.0', 'has a malformed prefix length'],
  ['192.168.12.99/1000', 'has a malformed prefix length'],
  ['192.168.12.99/33', 'has a prefix length over 32'],
  ['192.168.12.99/999', 'has a prefix length over 32'],
  ['2001:db8::1/129', 'has a prefix length over 128'],
  ['fe80::1%eth0/64', 'carries a zone id'],
  ['fe80::1/64%eth0', 'has a malformed prefix length'],
  ['192.168.12/24', 'is not an IP address'],
  ['/24', 'is not an IP address'],
  ['', 'is not an IP address'],
  ['::ffff:10.0.0.1/120', 'is an IPv4-mapped address (write 10.0.0.1)'],
])('%s %s', (text, problem) => {
  expect(parseCidr(text)).toBe(problem);
});

test('the text of a subnet comes back', () => {
  fc.assert(
    fc.property(anyCidr, (given) => {
      fc.pre(!given.address.text.startsWith('::ffff:'));
      expect(parseCidr(given.text)).toEqual(given);
    }),
  );
});

test('the network address is that of the arithmetic', () => {
  fc.assert(
    fc.property(anyCidr, (given) => {
      const { first } = bounds(given);
      expect(networkAddress(given)).toEqual(addressOf(first, given.address.bytes.length));
    }),
    { numRuns: 1000 },
  );
});

test('a subnet contains exactly the addresses between its first and its last', () => {
  const neighbours = anyCidr.chain((given) => {
    const { first, last } = bounds(given);
    const size = given.address.bytes.length;
    const highest = 256n ** BigInt(size) - 1n;
    const near = [first - 1n, first, first + 1n, last - 1n, last, last + 1n].filter((n) => n >= 0n && n <= highest);
    const inside = fc.bigInt({ min: first, max: last });
    return fc.tuple(
      fc.constant(given),
      fc.oneof(
        anyAddress,
        fc.oneof(fc.constantFrom(...near), inside).map((number) => addressOf(number, size)),
      ),
    );
  });
  fc.assert(
    fc.property(neighbours, ([given, candidate]) => {
      const { first, last } = bounds(given);
      const number = numberOf(candidate.bytes);
      const expected = candidate.family === given.address.family && first <= number && number <= last;
      expect(contains(given, candidate)).toBe(expected);
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ['192.168.12.99/24', '192.168.12.0', 'network'],
  ['192.168.12.99/24', '192.168.12.255', 'broadcast'],
  ['192.168.12.99/24', '192.168.12.99', undefined],
  ['192.168.12.99/24', '192.168.13.0', undefined],
  ['10.0.0.1/30', '10.0.0.0', 'network'],
  ['10.0.0.1/30', '10.0.0.3', 'broadcast'],
  ['10.0.0.1/31', '10.0.0.0', undefined],
  ['10.0.0.1/31', '10.0.0.1', undefined],
  ['10.0.0.1/32', '10.0.0.1', undefined],
  ['2001:db8::99/64', '2001:db8::', 'network'],
  ['2001:db8::99/64', '2001:db8::ffff:ffff:ffff:ffff', undefined],
  ['2001:db8::1/126', '2001:db8::', 'network'],
  ['2001:db8::1/127', '2001:db8::', undefined],
  ['2001:db8::1/128', '2001:db8::1', undefined],
])('in %s the role of %s is %s', (text, candidate, role) => {
  expect(subnetRole(subnet(text), address(candidate))).toBe(role);
});

test('a prefix is at most as long as the address', () => {
  expect([bitsOf(4), bitsOf(6)]).toEqual([32, 128]);
  expect(cidr(address('10.0.0.1'), 8).text).toBe('10.0.0.1/8');
});
