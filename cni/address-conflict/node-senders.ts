import { type Cidr, contains } from '../../src/domain/values/cidr';
import { type Family, type IpAddress, isIpv6LinkLocal } from '../../src/domain/values/ip-address';
import { listAddresses } from '../netlink/route/address';
import type { Link } from '../netlink/route/link';
import type { NetlinkSocket } from '../netlink/socket';

/** The node's own address on an interface for each family, from which it may ask the LAN. */
export type NodeSenders = ReadonlyMap<Family, IpAddress>;

/**
 * The node's own addresses in the subnets of the reserved addresses; for IPv6 also a link-local one, which every host
 * answers. Another IPv4 address of the node would not do: port security passes only the port's own.
 *
 * @param host a socket of the node's namespace
 */
export function nodeSenders(host: NetlinkSocket, link: Link, reserved: readonly Cidr[]): NodeSenders {
  const own = listAddresses(host)
    .filter(({ interfaceIndex }) => interfaceIndex === link.index)
    .map(({ cidr }) => cidr.address);
  const senders = reserved.flatMap((subnet): [Family, IpAddress][] => {
    const { family } = subnet.address;
    const sender =
      own.find((address) => contains(subnet, address)) ??
      own.find((address) => family === 6 && isIpv6LinkLocal(address));
    return sender === undefined ? [] : [[family, sender]];
  });
  return new Map(senders);
}
