import { type Family, fromBytes, type IpAddress, parseIpAddress } from './ip-address';

/** An address and the subnet it lies in: `192.168.12.99/24`. */
export interface Cidr {
  readonly address: IpAddress;
  readonly prefixLength: number;
  /** Canonical text of address and prefix length. */
  readonly text: string;
}

/**
 * Parses an address with its prefix length.
 *
 * @returns the value, or a predicate that completes the sentence "VALUE …" for invalid text
 */
export function parseCidr(text: string): Cidr | string {
  if (text.includes('://')) return 'is a URL';
  const slash = text.indexOf('/');
  const address = parseIpAddress(slash < 0 ? text : text.slice(0, slash));
  if (typeof address === 'string') return address;
  if (slash < 0) return 'has no prefix length';
  const prefix = text.slice(slash + 1);
  if (!/^(0|[1-9]\d{0,2})$/.test(prefix)) return 'has a malformed prefix length';
  if (Number(prefix) > bitsOf(address.family)) return `has a prefix length over ${bitsOf(address.family)}`;
  return cidr(address, Number(prefix));
}

export function cidr(address: IpAddress, prefixLength: number): Cidr {
  return { address, prefixLength, text: `${address.text}/${prefixLength}` };
}

/** Whether `subnet` contains `address`. */
export function contains(subnet: Cidr, address: IpAddress): boolean {
  const own = subnet.address;
  if (own.family !== address.family) return false;
  // Compares only the octets of the prefix: this runs for every rule of a router.
  for (let index = 0; index * 8 < subnet.prefixLength; index++) {
    if ((own.bytes[index]! ^ address.bytes[index]!) & octetMask(subnet.prefixLength, index)) return false;
  }
  return true;
}

/** The subnet's first address, all host bits zero. */
export function networkAddress(subnet: Cidr): IpAddress {
  return fromBytes(subnet.address.bytes.map((octet, index) => octet & octetMask(subnet.prefixLength, index)));
}

/**
 * The role that makes `address` unusable for a host of `subnet`, if any. Point-to-point subnets (RFC 3021, RFC 6164)
 * have neither a network nor a broadcast address; IPv6 has the subnet-router anycast address (RFC 4291) and no
 * broadcast.
 */
export function subnetRole(subnet: Cidr, address: IpAddress): 'network' | 'broadcast' | undefined {
  if (subnet.prefixLength >= bitsOf(address.family) - 1) return undefined;
  if (hasHostBits(subnet, address, 0)) return contains(subnet, address) ? 'network' : undefined;
  if (address.family === 4 && hasHostBits(subnet, address, 0xff) && contains(subnet, address)) return 'broadcast';
  return undefined;
}

/** Whether all bits after the prefix are those of `octet`. Allocates nothing: this runs for every rule of a router. */
function hasHostBits({ prefixLength }: Cidr, { bytes }: IpAddress, octet: 0 | 0xff): boolean {
  for (let index = bytes.length - 1; (index + 1) * 8 > prefixLength; index--) {
    const mask = 0xff ^ octetMask(prefixLength, index);
    if ((bytes[index]! & mask) !== (octet & mask)) return false;
  }
  return true;
}

export function bitsOf(family: Family): 32 | 128 {
  return family === 4 ? 32 : 128;
}

/** The bits of an address's octet that a prefix covers. */
export function octetMask(prefixLength: number, index: number): number {
  const bits = Math.min(8, Math.max(0, prefixLength - index * 8));
  return (0xff << (8 - bits)) & 0xff;
}
