import type { IpAddress } from '../../src/domain/values/ip-address';

export const IPPROTO_ICMPV6 = 58;

/**
 * The checksum of an ICMPv6 message: one's complement of the one's complement sum over the pseudo-header and the
 * message. Over a message that carries its right checksum it is 0.
 *
 * @see RFC 4443, 2.3, and RFC 8200, 8.1
 */
export function icmpv6Checksum(source: IpAddress, destination: IpAddress, message: Uint8Array): number {
  const { length } = message;
  let sum = sumOf(source.bytes) + sumOf(destination.bytes) + (length >>> 16) + (length & 0xffff) + IPPROTO_ICMPV6;
  sum += sumOf(message);
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}

/** Words of 16 bits; an odd last octet is the upper half of its word. */
function sumOf(bytes: ArrayLike<number>): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += (bytes[at]! << 8) | (bytes[at + 1] ?? 0);
  return sum;
}
