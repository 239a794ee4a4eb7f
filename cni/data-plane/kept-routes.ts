import { type DataPlane, ROUTE_PROTOCOL } from '../../src/domain/data-plane/data-plane';
import { bitsOf, contains } from '../../src/domain/values/cidr';
import { type Family, type IpAddress, isIpv6LinkLocal } from '../../src/domain/values/ip-address';
import { listAddresses } from '../netlink/route/address';
import { RT_TABLE_MAIN } from '../netlink/route/constants';
import { findLink, type Link } from '../netlink/route/link';
import { defaultRoutes, listRoutes, type Route } from '../netlink/route/route';
import type { NetlinkSocket } from '../netlink/socket';
import { linkBelow } from './parent-interface';

/**
 * The default routes by the primary interface, as the kept table has them: copied from main, or deduced where main has
 * lost them. Multus before 4.2.2 deletes them before it calls this plugin, where the pod's annotation has
 * `default-route`. A family without any gets a `throw` route, so that the table says what ADD kept: afterwards main may
 * not.
 *
 * @param host a socket of the node's namespace
 * @param pod a socket of the pod's namespace
 */
export function keptRoutes(host: NetlinkSocket, pod: NetlinkSocket, plane: DataPlane): Route[] {
  const primary = findLink(pod, plane.primaryInterface);
  return plane.addresses.map(({ address: { family } }) => {
    const found = primary && (defaultsBy(pod, primary, family)[0] ?? deducedDefault(host, pod, primary, family));
    return keptRoute(found ?? { family, table: 0, type: 'throw', protocol: 0 }, plane);
  });
}

function deducedDefault(host: NetlinkSocket, pod: NetlinkSocket, primary: Link, family: Family): Route | undefined {
  const gateway = deducedGateway(host, pod, primary, family);
  if (gateway === undefined) return undefined;
  return { family, table: 0, type: 'unicast', gateway, interfaceIndex: primary.index, protocol: 0 };
}

/** The default routes of main by an interface, the best one first. */
export function defaultsBy(pod: NetlinkSocket, { index }: Pick<Link, 'index'>, family: Family): Route[] {
  return defaultRoutes(pod, family).filter(({ interfaceIndex }) => interfaceIndex === index);
}

/** The copy of a default route. */
export function keptRoute(route: Route, { keptTable }: Pick<DataPlane, 'keptTable'>): Route {
  return { ...route, table: keptTable, protocol: ROUTE_PROTOCOL };
}

/**
 * The gateway of a primary interface without default route: the one of its widest other route, else the only host that
 * has a route on the link (Calico, Cilium), else the node's address at the other end (bridges).
 */
function deducedGateway(host: NetlinkSocket, pod: NetlinkSocket, primary: Link, family: Family): IpAddress | undefined {
  const routes = listRoutes(pod, family, RT_TABLE_MAIN)
    .filter(({ type, interfaceIndex }) => type === 'unicast' && interfaceIndex === primary.index)
    .sort((a, b) => (a.destination?.prefixLength ?? 0) - (b.destination?.prefixLength ?? 0));
  const byGateway = routes.find(({ gateway }) => gateway !== undefined)?.gateway;
  if (byGateway !== undefined) return byGateway;
  const hosts = routes.flatMap(({ destination }) =>
    destination?.prefixLength === bitsOf(family) ? [destination.address] : [],
  );
  const own = new Set(listAddresses(pod).map(({ cidr }) => cidr.address.text));
  const others = hosts.filter(({ text }) => !own.has(text));
  return others.length === 1 ? others[0] : addressOfOtherEnd(host, pod, primary, family);
}

/**
 * The node's address in a subnet of the interface: on the other end of the veth pair, or on the bridge that it is in.
 * IPv6 has a link-local one in any case.
 */
function addressOfOtherEnd(
  host: NetlinkSocket,
  pod: NetlinkSocket,
  primary: Link,
  family: Family,
): IpAddress | undefined {
  const end = primary.kind === 'veth' ? linkBelow(host, pod, primary) : undefined;
  if (end === undefined) return undefined;
  const own = listAddresses(pod).filter(({ interfaceIndex }) => interfaceIndex === primary.index);
  const candidates = listAddresses(host)
    .filter(({ interfaceIndex }) => interfaceIndex === (end.masterIndex ?? end.index))
    .map(({ cidr }) => cidr.address)
    .filter((address) => address.family === family && own.some(({ cidr }) => contains(cidr, address)));
  return candidates.find((address) => !isIpv6LinkLocal(address)) ?? candidates[0];
}
