import type { DataPlane } from '../../src/config/data-plane';
import { type Link, setLinkAddress } from '../netlink/route/link';
import { announce } from '../packet/announce';
import type { Pod } from './pod';

/** Milliseconds between announcements, so that a busy switch does not lose all of them at once. */
const INTERVAL = 10;

/**
 * Tells the LAN where the addresses are now.
 *
 * @param isThorough sends both forms of gratuitous ARP, some time apart, from sockets of our own. Closing such a socket waits
 *   for all processors (some ten milliseconds); otherwise the kernel announces, back to back, which costs microseconds: it does
 *   so whenever a MAC is set on a link with `arp_notify` and `ndisc_notify`, even to what it was
 */
export function announceAddresses(pod: Pod, plane: DataPlane, link: Link, isThorough: boolean): void {
  const { announcements, addresses } = plane;
  if (isThorough) {
    const announced = addresses.map(({ address }) => address);
    pod.namespace.run(() => announce(link, announced, announcements, INTERVAL));
  } else {
    pod.route.changes(Array.from({ length: announcements }, () => setLinkAddress(link, link.mac)));
  }
}
