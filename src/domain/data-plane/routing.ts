import { withoutUndefined } from '../input/collections';
import type { NetworkConfig } from '../router/network-config';
import type { ReservedAddress } from '../router/reserved-address';
import { bitsOf, type Cidr, cidr, networkAddress, parseCidr } from '../values/cidr';
import { type Family, type IpAddress, isIpv6LinkLocal } from '../values/ip-address';

export interface DataPlaneRoute {
  readonly family: Family;
  readonly table: number;
  readonly type: 'unicast' | 'unreachable';
  /** Absent: the default route. */
  readonly destination?: Cidr;
  readonly gateway?: IpAddress;
  readonly metric?: number;
}

/** A rule of policy routing: `ip rule add priority PRIORITY from SOURCE iif INCOMING oif OUTGOING lookup TABLE`. */
export interface DataPlanePolicyRule {
  readonly family: Family;
  readonly priority: number;
  /** Matches packets that came in by this interface. */
  readonly incoming?: string;
  /** Matches packets from this address. */
  readonly source?: IpAddress;
  /** Matches packets of sockets that are bound to this interface. */
  readonly outgoing?: string;
  /** Ignores routes by interfaces of this group. */
  readonly suppressedGroup?: number;
  /** The routing table to look up; absent: the packet is rejected (`unreachable`). */
  readonly table?: number;
}

/**
 * Priorities of the policy rules for traffic to the LAN: far below main's, 32766, and the rejection right behind the
 * look-up. With an emptied routing table, a client's packet must not fall through to main and leave with the node's
 * address.
 */
export const LOOKUP_PRIORITY = 1000;
export const REFUSAL_PRIORITY = 1001;

/**
 * Priority of the policy rules for all other traffic, in the order of their creation: right before main's. Rules of
 * other plugins (sbr) that were there before the router have at most this priority, and still precede these.
 */
export const ANSWER_PRIORITY = 32765;

/**
 * The link's group (`ip link set group`). Routes of main that lead to it are ignored: Multus adds a default route by
 * net1 where the pod's annotation has `default-route`, and clients must still be answered by the primary interface.
 */
export const LINK_GROUP = 101;

const MAIN = 254;

/** After every other route of the routing table: a rejection within it. */
const LAST_METRIC = 0xffffffff;

/** Every IPv6 interface has this subnet; the kernel adds its route to main only. */
const LINK_LOCAL = parseCidr('fe80::/64') as Cidr;

/** The routing table with a copy of the primary interface's default routes. */
export function keptTable({ options }: Pick<NetworkConfig, 'options'>): number {
  return options.routingTable + 1;
}

/** The routes by the link, in a routing table of their own. */
export function linkRoutes({ addresses, options: { routingTable: table } }: NetworkConfig): DataPlaneRoute[] {
  return addresses.flatMap((reserved): DataPlaneRoute[] => {
    const { family } = reserved.cidr.address;
    const { gateway } = reserved;
    const onLink = (destination: Cidr): DataPlaneRoute => ({ family, table, type: 'unicast', destination });
    return [
      ...[subnetOnLink(reserved)].flatMap((subnet) => (subnet === undefined ? [] : [onLink(subnet)])),
      ...(family === 6 ? [onLink(LINK_LOCAL)] : []),
      ...(gateway === undefined ? [] : [withoutUndefined({ family, table, type: 'unicast' as const, gateway })]),
      { family, table, type: 'unreachable', metric: LAST_METRIC },
    ];
  });
}

/**
 * The destinations that the link reaches without a gateway. A subnet of one address (/32, /128) has no other host than
 * its gateway, which is outside of it, as with hosters.
 */
export function subnetOnLink({ cidr: own, gateway }: ReservedAddress): Cidr | undefined {
  const { prefixLength, address } = own;
  if (prefixLength < bitsOf(address.family)) return cidr(networkAddress(own), prefixLength);
  return gateway === undefined || isIpv6LinkLocal(gateway) ? undefined : cidr(gateway, prefixLength);
}

/**
 * The policy rules of one reserved address, in the kernel's order. Clients' packets, those from the reserved address
 * and those of sockets on the link use the link's routes; the kernel also looks for a gateway on the link by the last
 * of these, for programs that add a route by it. Everything else uses main without the link, then the kept routes.
 */
export function policyRules(
  { addresses, options: { routingTable } }: NetworkConfig,
  linkName: string,
  primaryInterface: string,
): DataPlanePolicyRule[] {
  return addresses.flatMap(({ cidr: { address } }): DataPlanePolicyRule[] => {
    const { family } = address;
    const selectors = selectorsOf(linkName, primaryInterface, address);
    const kept = routingTable + 1;
    return [
      ...selectors.map((selector) => ({ family, priority: LOOKUP_PRIORITY, ...selector, table: routingTable })),
      ...selectors.map((selector) => ({ family, priority: REFUSAL_PRIORITY, ...selector })),
      { family, priority: ANSWER_PRIORITY, table: MAIN, suppressedGroup: LINK_GROUP },
      { family, priority: ANSWER_PRIORITY, table: kept },
      { family, priority: ANSWER_PRIORITY },
    ];
  });
}

function selectorsOf(link: string, primary: string, source: IpAddress): readonly Partial<DataPlanePolicyRule>[] {
  return [{ incoming: primary }, { source }, { outgoing: link }];
}
