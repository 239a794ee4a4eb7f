import type { Field } from '../input/decoder';
import type { IpAddress } from './ip-address';

/** Lower case, colons: `e2:65:c0:a8:0c:63`. Equal addresses have equal text. */
export type MacAddress = string;

export const MAC_ADDRESS = 'a unicast MAC address that is not zero, such as "02:00:5e:10:00:01"';

/**
 * The first two octets of a MAC derived from an IPv4 address: locally administered, unicast, and not used by others
 * (02:42 is Docker's, 0a:58 OVN-Kubernetes', ee:ee Calico's).
 */
const IPV4_PREFIX = [0xe2, 0x65] as const;

/** The first octet of a MAC derived from an IPv6 address; it differs from IPv4's, so that the two never collide. */
const IPV6_PREFIX = 0xf2;

/** The bit that the first octet of a standby's MAC address has more, so that it differs from the holder's. */
const STANDBY_BIT = 0x04;

/**
 * Derives the MAC address of net1 from its addresses: the same on every node and after every restart, because switches,
 * ARP caches and port security remember it.
 *
 * A router with an IPv4 address gets e2:65 and the four octets, so two addresses never share a MAC. A router with only
 * IPv6 gets f2 and a 40-bit hash of the address; the conflict check rejects two routers with the same hash.
 */
export function deriveMacAddress(addresses: readonly IpAddress[]): MacAddress {
  return macFromBytes(derivedBytes(addresses));
}

/**
 * Derives the MAC address of the standby from the router's addresses, as the holder's: e6:65 and the four octets of the
 * IPv4 address, or f6 and the hash of the IPv6 address. The two differ in one bit of the first octet.
 */
export function deriveStandbyMacAddress(addresses: readonly IpAddress[]): MacAddress {
  const [first, ...others] = derivedBytes(addresses);
  return macFromBytes([first! | STANDBY_BIT, ...others]);
}

function derivedBytes(addresses: readonly IpAddress[]): number[] {
  const first = addresses.find(({ family }) => family === 4) ?? addresses[0]!;
  return first.family === 4 ? [...IPV4_PREFIX, ...first.bytes] : [IPV6_PREFIX, ...hash40(first.bytes)];
}

/**
 * Parses six octets in hexadecimal, separated by colons or by hyphens.
 *
 * @returns the canonical text, or a predicate that completes the sentence "VALUE …" for invalid text
 */
export function parseMacAddress(text: string): { readonly mac: MacAddress } | string {
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$|^[0-9a-f]{2}(-[0-9a-f]{2}){5}$/i.test(text)) return 'is not a MAC address';
  const octets = text.split(/[:-]/).map((octet) => Number.parseInt(octet, 16));
  if (octets.every((octet) => octet === 0)) return 'is zero';
  if (octets[0]! & 1) return 'is a multicast address';
  return { mac: macFromBytes(octets) };
}

export function readMacAddress(field: Field): MacAddress | undefined {
  const text = field.text(MAC_ADDRESS);
  if (text === undefined) return undefined;
  const parsed = parseMacAddress(text);
  return typeof parsed === 'string' ? field.refuse(parsed, MAC_ADDRESS) : parsed.mac;
}

/** The six octets of an address in canonical text. */
export function macToBytes(mac: MacAddress): number[] {
  return mac.split(':').map((octet) => Number.parseInt(octet, 16));
}

/** The canonical text of octets; empty for no octets, as of an interface without an address. */
export function macFromBytes(octets: Iterable<number>): MacAddress {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join(':');
}

/** FNV-1a of 64 bits, folded to 40. Not cryptographic: it only has to spread neighbouring addresses. */
function hash40(bytes: readonly number[]): number[] {
  let hash = 0xcbf29ce484222325n;
  for (const octet of bytes) hash = BigInt.asUintN(64, (hash ^ BigInt(octet)) * 0x100000001b3n);
  const folded = (hash >> 40n) ^ (hash & 0xffffffffffn);
  return [32n, 24n, 16n, 8n, 0n].map((shift) => Number((folded >> shift) & 0xffn));
}
