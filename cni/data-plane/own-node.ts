import type { NetworkConfig } from '../../src/domain/router/network-config';
import { contains } from '../../src/domain/values/cidr';
import type { IpAddress } from '../../src/domain/values/ip-address';
import { listAddresses } from '../netlink/route/address';
import { findLinkByIndex, type Link } from '../netlink/route/link';
import type { NetlinkSocket } from '../netlink/socket';

/** Kinds of interfaces without a cable: the node answers for their addresses by its other interfaces. */
const WITHOUT_CABLE: readonly (string | undefined)[] = ['dummy'];
const LOOPBACK_INDEX = 1;

/**
 * Those of some hosts that are the router's own node, on its LAN: a macvlan interface reaches every host of the LAN
 * except the kernel of its parent. So a rule to a node of the cluster works or fails by where the router runs. A host
 * behind the gateway is reached, even if it is the node: the gateway sends the packets back.
 *
 * @param host a socket of the node's namespace
 * @param parent the parent interface of the router
 */
export function hostsOnOwnNode(
  host: NetlinkSocket,
  parent: Link,
  { addresses }: Pick<NetworkConfig, 'addresses'>,
  hosts: readonly IpAddress[],
): IpAddress[] {
  const isOnLan = (address: IpAddress) => addresses.some(({ cidr }) => contains(cidr, address));
  // From the node's addresses to the hosts: a router may have ten thousand of those.
  const own = new Set(
    listAddresses(host)
      .filter(({ cidr }) => isOnLan(cidr.address))
      .filter(({ interfaceIndex }) => interfaceIndex === parent.index || isWithoutCable(host, interfaceIndex))
      .map(({ cidr }) => cidr.address.text),
  );
  const found = hosts.filter(({ text }) => own.has(text));
  return [...new Map(found.map((address) => [address.text, address])).values()];
}

/** The hosts that a configuration sends packets to. */
export function peersOf({ addresses, rules, fallbacks }: NetworkConfig): IpAddress[] {
  return [
    ...rules.map(({ destination }) => destination),
    ...fallbacks,
    ...addresses.flatMap(({ gateway }) => gateway ?? []),
  ];
}

function isWithoutCable(host: NetlinkSocket, index: number): boolean {
  return index === LOOPBACK_INDEX || WITHOUT_CABLE.includes(findLinkByIndex(host, index)?.kind);
}
