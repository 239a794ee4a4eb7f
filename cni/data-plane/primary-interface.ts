import { ROUTE_PROTOCOL } from '../../src/domain/data-plane/data-plane';
import { LINK_GROUP, LOOKUP_PRIORITY } from '../../src/domain/data-plane/routing';
import type { NetworkConfig } from '../../src/domain/router/network-config';
import { PRIMARY_INTERFACE } from '../../src/domain/router/object-names';
import type { Family } from '../../src/domain/values/ip-address';
import { findLink, findLinkByIndex } from '../netlink/route/link';
import { listPolicyRules } from '../netlink/route/policy-rule';
import { defaultRoutes } from '../netlink/route/route';
import type { NetlinkSocket } from '../netlink/socket';
import { CniError, CODES } from '../protocol/cni-error';

/**
 * The name of the pod's interface on the cluster network: as configured, else the one of which a router's policy rule
 * says so, else the one with the pod's default route, else `eth0`. A default route by a router's own interface, which
 * Multus adds on request, does not count.
 *
 * @param pod a socket of the pod's namespace
 * @throws CniError if it does not exist
 */
export function primaryInterface(
  pod: NetlinkSocket,
  { addresses, options: { primaryInterface: configured, routingTable } }: Pick<NetworkConfig, 'addresses' | 'options'>,
): string {
  if (configured !== undefined) {
    if (findLink(pod, configured) !== undefined) return configured;
    throw new CniError(
      CODES.PRIMARY_INTERFACE,
      `primaryInterface: "${configured}" is not an interface of the pod; accepted: the one on the cluster network`,
    );
  }
  const families = addresses.map(({ cidr }) => cidr.address.family);
  const found = byPolicyRule(pod, families, routingTable) ?? byDefaultRoute(pod);
  if (found !== undefined) return found;
  if (findLink(pod, PRIMARY_INTERFACE) !== undefined) return PRIMARY_INTERFACE;
  throw new CniError(
    CODES.PRIMARY_INTERFACE,
    `the pod has no default route and no interface ${PRIMARY_INTERFACE}: the cluster network must be set up first, or name the interface in "primaryInterface"`,
  );
}

/** ADD chose it: the default route may have changed since. */
function byPolicyRule(pod: NetlinkSocket, families: readonly Family[], routingTable: number): string | undefined {
  for (const family of families) {
    const rule = listPolicyRules(pod, family).find(
      ({ protocol, priority, table, incoming }) =>
        protocol === ROUTE_PROTOCOL &&
        priority === LOOKUP_PRIORITY &&
        table === routingTable &&
        incoming !== undefined &&
        findLink(pod, incoming) !== undefined,
    );
    if (rule !== undefined) return rule.incoming;
  }
  return undefined;
}

function byDefaultRoute(pod: NetlinkSocket): string | undefined {
  for (const family of [4, 6] as const) {
    const links = defaultRoutes(pod, family).map(({ interfaceIndex }) => findLinkByIndex(pod, interfaceIndex!));
    const link = links.find((found) => found !== undefined && found.group !== LINK_GROUP);
    if (link !== undefined) return link.name;
  }
  return undefined;
}
