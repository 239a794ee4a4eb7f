import { type IpAddress, isIpv6LinkLocal } from '../../../src/domain/values/ip-address';
import type { Link } from '../../netlink/route/link';
import { listNeighbours } from '../../netlink/route/neighbour';
import { decodeArp } from '../../packet/arp';
import { decodeEthernet } from '../../packet/ethernet';
import { decodeNeighbour } from '../../packet/neighbour-discovery';
import { PacketSockets } from '../../packet/packet-sockets';
import { framesUntil } from '../../packet/received-frames';
import type { NamespaceView } from '../subject';

/** Milliseconds to listen: hosts of a LAN send requests all the time. */
const LISTEN_MILLISECONDS = 400;

/**
 * The hosts in the node's neighbour table or heard on an interface, of the families of some addresses, without
 * link-local addresses, which every network has.
 */
export function hostsOnLan(node: NamespaceView, link: Link, like: readonly IpAddress[]): IpAddress[] {
  const families = new Set(like.map(({ family }) => family));
  const met = listNeighbours(node.route)
    .filter(({ interfaceIndex, mac }) => interfaceIndex === link.index && mac !== '')
    .map(({ address }) => address);
  const hosts = [...met, ...hostsHeard(node, link, like)].filter(
    (address) => families.has(address.family) && !isOfEveryNetwork(address),
  );
  return [...new Map(hosts.map((address) => [address.text, address])).values()];
}

function hostsHeard(node: NamespaceView, link: Link, addresses: readonly IpAddress[]): IpAddress[] {
  using sockets = node.run(() => PacketSockets.open(link, addresses));
  const senders: IpAddress[] = [];
  for (const frame of framesUntil(performance.now() + LISTEN_MILLISECONDS, sockets.all)) {
    const sender = senderOf(frame, link.mac);
    if (sender !== undefined) senders.push(sender);
  }
  return senders;
}

function senderOf(bytes: Uint8Array, ownMac: string): IpAddress | undefined {
  const frame = decodeEthernet(bytes);
  if (frame === undefined || frame.source === ownMac) return undefined;
  return decodeArp(frame)?.sender.address ?? decodeNeighbour(frame)?.source;
}

function isOfEveryNetwork(address: IpAddress): boolean {
  return isIpv6LinkLocal(address) || address.text === '0.0.0.0' || address.text === '::';
}
