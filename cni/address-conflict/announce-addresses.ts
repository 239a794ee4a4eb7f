import type { DataPlane } from '../../src/domain/data-plane/data-plane';
import type { Pod } from '../data-plane/pod';
import { type Link, setLinkAddress } from '../netlink/route/link';
import type { PacketSockets } from '../packet/packet-sockets';
import { announce } from './announce';

/** Milliseconds between announcements, so that a busy switch does not lose all of them at once. */
const INTERVAL = 5;

/**
 * Tells the LAN where the addresses are now.
 *
 * @param sockets of the link: both forms of gratuitous ARP leave by them, some time apart. Without them the kernel announces,
 *   back to back: it does so whenever a MAC is set on a link with `arp_notify` and `ndisc_notify`, even to what it was. That
 *   costs microseconds, and closing a socket ten milliseconds
 */
export function announceAddresses(
  pod: Pod,
  { announcements, addresses }: DataPlane,
  link: Link,
  sockets: PacketSockets | undefined,
): void {
  if (sockets === undefined) {
    pod.route.changes(Array.from({ length: announcements }, () => setLinkAddress(link, link.mac)));
  } else {
    announce(
      sockets,
      addresses.map(({ address }) => address),
      announcements,
      INTERVAL,
    );
  }
}
