import { repeats, withoutUndefined } from '../input/collections';
import type { Field, Located } from '../input/decoder';
import { bitsOf, type Cidr, contains, networkAddress, parseCidr } from '../values/cidr';
import { familyName, type IpAddress, parseIpAddress } from '../values/ip-address';
import { readGateway } from './reserved-address';

/** A subnet of a LAN, and its way out. */
export interface Subnet {
  /** Its own address, with its prefix length. */
  readonly cidr: Cidr;
  /** Absent: only destinations within the subnet are reachable. */
  readonly gateway?: IpAddress;
}

/**
 * Completes the `{ ip, gateway }` of a router: the network's subnet gives the prefix length and the gateway that it
 * leaves out. Adds an issue for an address outside the subnets, and for another prefix length. Returns any other value
 * unchanged: the reader of the router's addresses refuses it.
 */
export function completeAddress(field: Field, subnets: readonly Subnet[]): unknown {
  const ipField = field.member('ip');
  const given = ipField.value;
  const [host, givenLength] = typeof given === 'string' ? given.split('/') : [''];
  const address = parseIpAddress(host!);
  const hasOddLength = givenLength !== undefined && !/^\d+$/.test(givenLength);
  if (typeof given !== 'string' || typeof address === 'string' || hasOddLength) return field.value;
  const accepted = `an address in ${subnets.map(({ cidr }) => cidr.text).join(' or ')}, the router's network`;
  const subnet = subnets.find(({ cidr }) => contains(cidr, address));
  if (subnet === undefined) {
    ipField.refuse("is outside the subnets of the router's network", accepted);
    const sibling = subnets.find(({ cidr }) => cidr.address.family === address.family);
    const prefixLength = sibling?.cidr.prefixLength ?? bitsOf(address.family) - 1;
    return { ...(field.value as object), ip: `${host}/${givenLength ?? prefixLength}` };
  }
  if (givenLength !== undefined && Number(givenLength) !== subnet.cidr.prefixLength)
    ipField.refuse(`has another prefix length than the router's network, ${subnet.cidr.text}`, accepted);
  const gateway = field.member('gateway').isPresent ? field.member('gateway').value : subnet.gateway?.text;
  const ip = `${host}/${givenLength ?? subnet.cidr.prefixLength}`;
  return withoutUndefined({ ...(field.value as object), ip, gateway });
}

/** Reads the subnets of a network: one of each family. */
export function readSubnets(list: Field): Subnet[] {
  const located = list.someElements(SUBNETS).flatMap((field) => {
    const value = readSubnet(field);
    return value === undefined ? [] : [{ value, field: field.member('cidr') }];
  });
  const familyOf = ({ value }: Located<Subnet>) => value.cidr.address.family;
  for (const [second, first] of repeats(located, familyOf)) {
    const problem = `is a second ${familyName(familyOf(second))} subnet beside ${first.field.path}`;
    second.field.refuse(problem, 'one subnet of each family; another network for another LAN');
  }
  return located.map(({ value }) => value);
}

const SUBNETS = 'a list of { cidr, gateway }, one for each address family in use';
const SUBNET = 'the address of a subnet with its prefix length, such as "192.168.12.0/24" or "2001:db8:12::/64"';

/** Reads `{ cidr, gateway }`. */
function readSubnet(field: Field): Subnet | undefined {
  if (!field.isObjectOf(['cidr', 'gateway'])) return undefined;
  const cidr = readOwnCidr(field.member('cidr'), 'subnet', SUBNET);
  if (cidr === undefined) return undefined;
  const gateway = field.member('gateway').optional((member) => readGateway(member, cidr));
  return withoutUndefined({ cidr, gateway });
}

/**
 * Reads the address of a network itself, all host bits zero, with its prefix length.
 *
 * @param noun the word for such a network in issues
 */
export function readOwnCidr(field: Field, noun: string, accepted: string): Cidr | undefined {
  const text = field.text(accepted);
  if (text === undefined) return undefined;
  const cidr = parseCidr(text);
  if (typeof cidr === 'string') return field.refuse(cidr, accepted);
  const own = networkAddress(cidr).text;
  if (own === cidr.address.text) return cidr;
  return field.refuse(`is an address within its ${noun}, whose own address is ${own}`, accepted);
}
