import type { IpAddress } from '../../src/domain/values/ip-address';

export const IPPROTO_UDP = 17;
export const IPPROTO_ICMPV6 = 58;

/**
 * The checksum of an ICMPv6 message: one's complement of the one's complement sum over the pseudo-header and the
 * message. Over a message that carries its right checksum it is 0.
 *
 * @see RFC 4443, 2.3, and RFC 8200, 8.1
 */
export function icmpv6Checksum(source: IpAddress, destination: IpAddress, message: Uint8Array): number {
  return transportChecksum(source, destination, message, IPPROTO_ICMPV6);
}

/** The same of another protocol, and of IPv4. */
export function transportChecksum(
  source: IpAddress,
  destination: IpAddress,
  message: Uint8Array,
  protocol: number,
): number {
  const { length } = message;
  const pseudo = sumOf(source.bytes) + sumOf(destination.bytes) + (length >>> 16) + (length & 0xffff) + protocol;
  return complement(pseudo + sumOf(message));
}

/** The checksum of a header without a pseudo-header, such as IPv4's. */
export function headerChecksum(header: Uint8Array): number {
  return complement(sumOf(header));
}

function complement(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x10000);
  return ~folded & 0xffff;
}

/** Words of 16 bits; an odd last octet is the upper half of its word. */
function sumOf(bytes: ArrayLike<number>): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += (bytes[at]! << 8) | (bytes[at + 1] ?? 0);
  return sum;
}
