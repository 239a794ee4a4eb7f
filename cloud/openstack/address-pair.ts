import type { Field } from '../../src/domain/input/decoder';
import { bitsOf, cidr, networkAddress, parseCidr } from '../../src/domain/values/cidr';
import { addressKind, parseIpAddress } from '../../src/domain/values/ip-address';
import { parseMacAddress } from '../../src/domain/values/mac-address';

/**
 * An address pair that Neutron passes in addition to the port's own, in canonical text: equal pairs have equal text.
 */
export interface AddressPair {
  readonly ipAddress: string;
  readonly macAddress: string;
}

const ADDRESS =
  'an IPv4 or IPv6 address, such as "192.168.12.99", or a subnet\'s own address in CIDR notation, such as "192.168.12.0/28"';

/** A shorter prefix is a mistake: it covers the whole address family. */
const SHORTEST_PREFIX = 1;

/**
 * Reads the address of a pair. A host address with the prefix length of its subnet is rejected: Neutron would pass the
 * whole subnet.
 */
export function readPairAddress(field: Field): string | undefined {
  const text = field.text(ADDRESS);
  if (text === undefined) return undefined;
  const subnet = text.includes('/') ? parseCidr(text) : undefined;
  const address = typeof subnet === 'object' ? subnet.address : (subnet ?? parseIpAddress(text));
  if (typeof address === 'string') return field.refuse(address, ADDRESS);
  const prefixLength = typeof subnet === 'object' ? subnet.prefixLength : bitsOf(address.family);
  if (prefixLength < SHORTEST_PREFIX) return field.refuse('is every address there is', ADDRESS);
  if (networkAddress(cidr(address, prefixLength)).text !== address.text) {
    return field.refuse(
      `has bits behind its prefix length: it would let through the whole subnet (write "${address.text}" for the one address)`,
      ADDRESS,
    );
  }
  const kind = addressKind(address);
  if (kind !== 'host')
    return field.refuse(`is ${kind === 'unspecified' ? 'the unspecified' : `a ${kind}`} address`, ADDRESS);
  return canonicalAddress(text);
}

/**
 * The canonical spelling of an address: RFC 5952, without the prefix length of a single address. Neutron keeps any
 * spelling. Text that is neither an address nor a subnet is returned unchanged.
 */
export function canonicalAddress(text: string): string {
  if (!text.includes('/')) {
    const address = parseIpAddress(text);
    return typeof address === 'string' ? text : address.text;
  }
  const subnet = parseCidr(text);
  if (typeof subnet === 'string') return text;
  return subnet.prefixLength === bitsOf(subnet.address.family) ? subnet.address.text : subnet.text;
}

/** Lower case with colons; text that is not a MAC address is returned unchanged. */
export function canonicalMac(text: string): string {
  const parsed = parseMacAddress(text);
  return typeof parsed === 'string' ? text : parsed.mac;
}
