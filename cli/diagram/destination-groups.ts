import { cidr, networkAddress } from '../../src/domain/values/cidr';
import type { IpAddress } from '../../src/domain/values/ip-address';

/** Prefix lengths of IPv4 and IPv6 by which destinations are grouped, from single addresses to a whole family. */
export const GRAINS = [
  [32, 128],
  [24, 64],
  [16, 48],
  [8, 32],
  [0, 0],
] as const;
export type Grain = (typeof GRAINS)[number];

/** The subnet that groups a destination: `203.0.113.0/24`, or the address itself. */
export function subnetOf(address: IpAddress, [ipv4, ipv6]: Grain): string {
  const length = address.family === 4 ? ipv4 : ipv6;
  if (length === GRAINS[0][address.family === 4 ? 0 : 1]) return address.text;
  if (length === 0) return `IPv${address.family}`;
  return `${networkAddress(cidr(address, length)).text}/${length}`;
}

/** By family, then by number: 9.0.0.1 before 10.0.0.1. */
export function compareAddresses(a: IpAddress, b: IpAddress): number {
  if (a.family !== b.family) return a.family - b.family;
  const index = a.bytes.findIndex((byte, position) => byte !== b.bytes[position]);
  return index === -1 ? 0 : a.bytes[index]! - b.bytes[index]!;
}
