import { repeats } from '../input/collections';
import type { Field, Located } from '../input/decoder';
import { bitsOf, type Cidr, contains, parseCidr, subnetRole } from '../values/cidr';
import { familyName, hostOnly, type IpAddress, isIpv6LinkLocal, readIpAddress } from '../values/ip-address';
import type { Macvlan } from '../values/macvlan';

/** A reserved IP address with its subnet and gateway. */
export interface ReservedAddress {
  readonly cidr: Cidr;
  /** Absent: only destinations within the subnet are reachable. */
  readonly gateway?: IpAddress;
}

/** The reserved addresses of one router, each with its field. */
export interface ReservedAddresses {
  readonly addresses: readonly Located<ReservedAddress>[];
  /** Whether all of them are valid. */
  readonly areComplete: boolean;
}

const CIDR = 'a host address with the prefix length of its subnet, such as "192.168.12.99/24" or "2001:db8:12::99/64"';

/** Reads `192.168.12.99/24`: a host address for net1. */
export function readReservedCidr(field: Field): Cidr | undefined {
  const text = field.text(CIDR);
  if (text === undefined) return undefined;
  const cidr = parseCidr(text);
  if (typeof cidr === 'string') return field.refuse(cidr, CIDR);
  if (hostOnly(field, cidr.address, CIDR) === undefined) return undefined;
  if (cidr.prefixLength === 0) return field.refuse('has the prefix length 0, which is not a subnet', CIDR);
  const role = subnetRole(cidr, cidr.address);
  return role === undefined ? cidr : field.refuse(`is the ${role} address of its subnet`, CIDR);
}

/**
 * Reads the gateway of a reserved address. It is in the same subnet or a link-local IPv6 address: routers announce
 * themselves with those, and `fe80::1` is the most common gateway. A subnet of one address (/32, /128) has no room for
 * a gateway: it is any address on the link, as hosters have it.
 */
export function readGateway(field: Field, cidr: Cidr): IpAddress | undefined {
  const { family } = cidr.address;
  const isAlone = cidr.prefixLength === bitsOf(family);
  const place = isAlone ? 'on the link, other than' : 'in the subnet of';
  const accepted = `an ${familyName(family)} address ${place} ${cidr.text}${family === 6 ? ', or a link-local one' : ''}`;
  const gateway = readIpAddress(field, accepted);
  if (gateway === undefined) return undefined;
  if (gateway.family !== family) return field.refuse(`is not an ${familyName(family)} address`, accepted);
  if (isIpv6LinkLocal(gateway)) return gateway;
  if (!isAlone && !contains(cidr, gateway)) return field.refuse(`is outside the subnet of ${cidr.text}`, accepted);
  if (hostOnly(field, gateway, accepted) === undefined) return undefined;
  const role = subnetRole(cidr, gateway);
  if (gateway.text === cidr.address.text && role === undefined)
    return field.refuse('is the reserved address itself', accepted);
  // The subnet-router anycast address is a legitimate gateway: every IPv6 router of the link answers to it.
  if (role !== undefined && family === 4) return field.refuse(`is the ${role} address of the subnet`, accepted);
  return gateway;
}

/**
 * Adds an issue for each address beyond the first of its family: the source address of a connection would be ambiguous.
 */
export function refuseSecondOfFamily(addresses: readonly Located<ReservedAddress>[]): void {
  const familyOf = ({ value }: Located<ReservedAddress>) => value.cidr.address.family;
  for (const [second, first] of repeats(addresses, familyOf)) {
    second.field.refuse(
      `is a second ${familyName(familyOf(second))} address beside ${first.field.path}, and nothing says which one a connection takes`,
      'at most one address of each family',
    );
  }
}

/** Rejects an MTU below IPv6's minimum (RFC 8200): the kernel removes every IPv6 address from such an interface. */
export function checkMtu(field: Field, { mtu }: Macvlan, addresses: readonly Located<ReservedAddress>[]): void {
  const hasIpv6 = addresses.some(({ value }) => value.cidr.address.family === 6);
  if (mtu === undefined || mtu >= 1280 || !hasIpv6) return;
  field.refuse('is too small for the reserved IPv6 address', 'an MTU in bytes, an integer from 1280 to 65535');
}
