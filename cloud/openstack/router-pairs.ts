import { repeats } from '../../src/domain/input/collections';
import type { Field } from '../../src/domain/input/decoder';
import { readReservedCidr } from '../../src/domain/router/reserved-address';
import { familyName, hostOnly, type IpAddress, readIpAddress } from '../../src/domain/values/ip-address';
import { deriveMacAddress, readMacAddress } from '../../src/domain/values/mac-address';
import type { RouterIdentity } from '../router-identity';
import type { AddressPair } from './address-pair';

/** A pair of a router, and the field of its address. */
export interface RouterPair extends AddressPair {
  readonly family: 4 | 6;
  readonly field: Field;
}

const ADDRESSES = 'a list of one { ip } for each address family in use';
const ROUTER = 'an EgressRouter construct, its props, or { addresses, macAddress }';
const ROUTERS = 'a list of routers: EgressRouter constructs, or { addresses, macAddress }';

/** Reads the routers' IP and MAC addresses. Adds every issue, including addresses of two routers. */
export function readRouters(list: Field): readonly (readonly RouterPair[])[] {
  const routers = list.someElements(ROUTERS).map(readRouter);
  const pairs = routers.flat();
  for (const [repeat, first] of repeats(pairs, ({ ipAddress }) => ipAddress)) {
    repeat.field.refuse(`is also ${first.field.path}`, 'an address that no other router reserves');
  }
  const [oneEach, isNamed] = [routers.flatMap((router) => router.slice(0, 1)), (pair: RouterPair) => pair.macAddress];
  for (const [repeat, first] of repeats(oneEach, isNamed)) {
    if (repeat.ipAddress === first.ipAddress) continue; // a MAC follows from its address
    const problem = `has the MAC address ${repeat.macAddress}, and so has ${first.field.path}`;
    repeat.field.refuse(problem, 'a MAC address that no other router has');
  }
  return routers;
}

function readRouter(field: Field): RouterPair[] {
  if (!field.isObject(ROUTER)) return [];
  const router = field.value as RouterIdentity;
  const mode = typeof router.mode === 'object' ? router.mode?.kind : router.mode;
  if (mode === 'operator') {
    field
      .withValue({ mode })
      .member('mode')
      .refuse(
        "has no constant MAC address: the operator's plugin draws one at every start of the pod, and no pair lets it through",
        'standalone; or DisabledPortSecurity on the ports, which needs no pair',
      );
    return [];
  }
  // Read by name: a construct has accessors of its class, not own members.
  const { addresses } = router;
  const macAddress = router.macAddress ?? macOfLink(router.mode);
  const plain = field.withValue({ addresses, mode, macAddress });
  const located = plain.member('addresses').someElements(ADDRESSES).flatMap(readAddress);
  const mac = readMac(
    plain,
    located.map(({ address }) => address),
  );
  for (const [second, first] of repeats(located, ({ address }) => address.family)) {
    const problem = `is a second ${familyName(second.address.family)} address beside ${first.ip.path}`;
    second.ip.refuse(problem, 'at most one address of each family');
  }
  if (mac === undefined) return [];
  return located.map(({ address, ip }) => ({
    ipAddress: address.text,
    macAddress: mac,
    family: address.family,
    field: ip,
  }));
}

function readAddress(field: Field): { address: IpAddress; ip: Field }[] {
  if (!field.isObject()) return [];
  const ip = field.member('ip');
  const hasPrefix = typeof ip.value === 'string' && ip.value.includes('/');
  const address = hasPrefix ? readReservedCidr(ip)?.address : readHost(ip);
  return address === undefined ? [] : [{ address, ip }];
}

function readHost(field: Field): IpAddress | undefined {
  const accepted = 'a host address, with or without the prefix length of its subnet, such as "192.168.12.99/24"';
  const address = readIpAddress(field, accepted);
  return address && hostOnly(field, address, accepted);
}

/** The MAC of net1: given, or the one that the constructs derive. */
function readMac(router: Field, addresses: readonly IpAddress[]): string | undefined {
  const mode = router.member('mode').optional((field) => field.word(['standalone']));
  const field = router.member('macAddress');
  if (field.isPresent) return readMacAddress(field);
  if (mode !== undefined) return addresses.length === 0 ? undefined : deriveMacAddress(addresses);
  return field.refuse(
    'is missing',
    'the MAC address of the router; or mode "standalone", whose MAC address follows from the reserved IP',
  );
}

/** Neutron's own default of `max_allowed_address_pair`. */
export const DEFAULT_PAIR_LIMIT = 10;

/** Reads `pairLimit`. */
export function readPairLimit(field: Field): number | undefined {
  return field.integer(1, 1000, 'pairs that one port may have');
}

/** Adds an issue if the routers need more pairs than a port may have, not counting the pairs of others. */
export function checkPairLimit(routers: Field, pairs: number, limit: number): void {
  if (pairs <= limit) return;
  routers
    .withValue(pairs)
    .refuse(
      'address pairs exceed the limit of one port',
      `at most ${limit} addresses of routers on one port; a larger pairLimit where the cloud's max_allowed_address_pair is larger`,
    );
}

/** The MAC address that the props of a router say: a construct says its own. */
function macOfLink(mode: RouterIdentity['mode']): string | undefined {
  return typeof mode === 'object' ? mode?.standaloneOptions?.link?.macvlanOptions?.macAddress : undefined;
}
