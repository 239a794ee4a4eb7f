import * as fc from 'fast-check';
import { type Cidr, cidr } from '../../src/domain/values/cidr';
import { fromBytes, type IpAddress } from '../../src/domain/values/ip-address';

const octet = fc.integer({ min: 0, max: 255 });

/** Any four octets. */
export const ipv4Bytes = fc.array(octet, { minLength: 4, maxLength: 4 });

/** Any sixteen octets; runs of zeros are as frequent as in real addresses. */
export const ipv6Bytes = fc
  .array(fc.oneof(fc.constant([0, 0]), fc.tuple(fc.constant(0), octet), fc.tuple(octet, octet)), {
    minLength: 8,
    maxLength: 8,
  })
  .map((words) => words.flat());

export const anyAddress: fc.Arbitrary<IpAddress> = fc.oneof(ipv4Bytes, ipv6Bytes).map(fromBytes);

export const anyCidr: fc.Arbitrary<Cidr> = anyAddress.chain((address) =>
  fc.integer({ min: 0, max: address.bytes.length * 8 }).map((prefixLength) => cidr(address, prefixLength)),
);

/** The number that the octets spell, most significant first. */
export function numberOf(bytes: readonly number[]): bigint {
  return bytes.reduce((number, byte) => number * 256n + BigInt(byte), 0n);
}

/** The address of `size` octets that spell the number. */
export function addressOf(number: bigint, size: number): IpAddress {
  return fromBytes(
    Array.from({ length: size }, (_, index) => Number((number / 256n ** BigInt(size - 1 - index)) % 256n)),
  );
}
