import type { NetworkConfig } from '../../src/domain/router/network-config';
import { isIpv6LinkLocal } from '../../src/domain/values/ip-address';
import { deriveMacAddress } from '../../src/domain/values/mac-address';
import { listAddresses } from '../netlink/route/address';
import { RT_TABLE_MAIN } from '../netlink/route/constants';
import { findLink, findLinkByIndex, findNamespaceId, type Link } from '../netlink/route/link';
import { defaultInterfaces, listRoutes } from '../netlink/route/route';
import type { NetlinkSocket } from '../netlink/socket';
import { CniError, CODES } from '../protocol/cni-error';

/**
 * The parent interface of net1: the one that the configuration names, else the one with the node's default route.
 *
 * @param host a socket of the node's namespace
 * @param below the parent of an existing net1, even if the default route has changed since
 * @throws CniError if it cannot carry the router
 */
export function parentInterface(host: NetlinkSocket, config: NetworkConfig, below?: Link): Link {
  const link = config.macvlan.master === undefined && below !== undefined ? below : findParent(host, config);
  if (link === undefined) throw new CniError(CODES.PARENT_INTERFACE, absence(config.macvlan.master));
  const problem = problemOf(host, config, link);
  if (problem !== undefined) throw new CniError(CODES.PARENT_INTERFACE, `parent interface ${link.name} ${problem}`);
  return link;
}

/** The kernel creates a macvlan on a macvlan beside it, on the same parent, as on nodes that are containers. */
export function lowerIndex({ kind, index, parentIndex = index }: Link): number {
  return kind === 'macvlan' ? parentIndex : index;
}

/** The parent interface of net1, in any state; nothing if the node has none. */
export function findParent(host: NetlinkSocket, { macvlan }: NetworkConfig): Link | undefined {
  if (macvlan.master !== undefined) return findLink(host, macvlan.master);
  const [index] = defaultInterfaces(host);
  return index === undefined ? undefined : findLinkByIndex(host, index);
}

/**
 * The parent or peer on the node of an interface of the pod; nothing if it is elsewhere.
 *
 * @param pod a socket of the pod's namespace
 */
export function linkBelow(host: NetlinkSocket, pod: NetlinkSocket, link: Link): Link | undefined {
  if (link.parentIndex === undefined || !leadsHere(pod, link)) return undefined;
  return findLinkByIndex(host, link.parentIndex);
}

/** Whether the parent or peer of an interface of the pod is in the namespace of this process. */
export function leadsHere(pod: NetlinkSocket, { parentNamespaceId }: Link): boolean {
  return parentNamespaceId !== undefined && parentNamespaceId === findNamespaceId(pod, process.pid);
}

function absence(name: string | undefined): string {
  return name === undefined
    ? 'interfaceArgs.master is not set, and the node has no default route whose interface could be used'
    : `parent interface ${name} does not exist on this node (interfaceArgs.master)`;
}

function problemOf(host: NetlinkSocket, config: NetworkConfig, link: Link): string | undefined {
  if (!link.isEthernet) return 'is not an Ethernet interface, which macvlan needs';
  if (!link.isUp) return 'is down';
  if (!link.hasCarrier) return 'has no carrier: its cable or switch port is not connected';
  if (link.masterIndex !== undefined) {
    const master = findLinkByIndex(host, link.masterIndex);
    return `belongs to ${master?.kind ?? 'another interface'} ${master?.name ?? link.masterIndex}; use that one, or a separate interface`;
  }
  if (config.macvlan.mtu !== undefined && config.macvlan.mtu > link.mtu) {
    return `has an MTU of ${link.mtu} bytes, less than interfaceArgs.mtu (${config.macvlan.mtu})`;
  }
  return config.macvlan.mode === 'passthru' ? passthruProblem(host, config, link) : undefined;
}

/** A passthru interface writes its MAC onto the parent and takes all its frames: the node must not use the parent. */
function passthruProblem(host: NetlinkSocket, config: NetworkConfig, link: Link): string | undefined {
  if (config.macAddress === deriveMacAddress(config.addresses.map(({ cidr }) => cidr.address))) {
    return 'would get the derived MAC address, because passthru mode writes it onto the parent: set "mac"';
  }
  const own = listAddresses(host).find(
    ({ interfaceIndex, cidr }) => interfaceIndex === link.index && !isIpv6LinkLocal(cidr.address),
  );
  if (own !== undefined) return `carries the node's address ${own.cidr.text}, which passthru mode would cut off`;
  const hasDefault = ([4, 6] as const).some((family) =>
    listRoutes(host, family, RT_TABLE_MAIN).some(
      ({ destination, interfaceIndex }) => destination === undefined && interfaceIndex === link.index,
    ),
  );
  return hasDefault ? "carries the node's default route, which passthru mode would cut off" : undefined;
}
