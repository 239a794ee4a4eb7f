import type { DataPlane } from '../../src/domain/data-plane/data-plane';
import type { IpAddress } from '../../src/domain/values/ip-address';
import type { MacAddress } from '../../src/domain/values/mac-address';
import type { Pod } from '../data-plane/pod';
import { waitForInput } from '../ffi/libc';
import { type Link, setLinkAddress } from '../netlink/route/link';
import { arpAnnouncement, arpReplyAnnouncement } from '../packet/arp';
import { unsolicitedAdvertisement } from '../packet/neighbour-discovery';
import type { FrameSender, PacketSockets } from '../packet/packet-sockets';
import type { ArpPace } from './arp-pace';

/**
 * Announces the addresses on the LAN, like `arping -U` and `arping -A`, and `ndsend` for IPv6.
 *
 * @param intervalMilliseconds between announcements; 0 sends them back to back
 * @throws SystemCallError
 */
export function announce(
  sockets: FrameSender,
  addresses: readonly IpAddress[],
  count: number,
  intervalMilliseconds: number,
): void {
  const frames = addresses.flatMap((address) =>
    announcementFrames(sockets.link.mac, address).map((frame) => ({ frame, family: address.family })),
  );
  for (let round = 1; round <= count; round++) {
    if (round > 1 && intervalMilliseconds > 0) waitForInput([], intervalMilliseconds);
    for (const { frame, family } of frames) sockets.send(family, frame);
  }
}

/**
 * The announcing frames. IPv4 needs both forms, because some hosts and switches learn only from requests, others only
 * from replies.
 */
export function announcementFrames(mac: MacAddress, address: IpAddress): Uint8Array[] {
  return address.family === 4
    ? [arpAnnouncement(mac, address), arpReplyAnnouncement(mac, address)]
    : [unsolicitedAdvertisement(mac, address)];
}

/** ARP frames of each announcement. */
export const ARP_FORMS = 2;

/** Milliseconds between announcements, so that a busy switch does not drop all of them. */
const INTERVAL_MILLISECONDS = 5;

/**
 * Announces the addresses of a router.
 *
 * @param sockets of the link, to send both forms of gratuitous ARP with pauses. Without them the kernel announces, back
 *   to back: it does so whenever a MAC is set on a link with `arp_notify` and `ndisc_notify`, even the same one. That
 *   takes microseconds, but closing a socket ten milliseconds
 * @param pace whose turn the claim has taken
 */
export function announceRouter(
  pod: Pod,
  { announcements, addresses }: DataPlane,
  link: Link,
  sockets: PacketSockets | undefined,
  pace: ArpPace,
): void {
  if (sockets === undefined) {
    announceByKernel(pod, link, announcements, pace.spacing);
  } else {
    announce(
      sockets,
      addresses.map(({ address }) => address),
      announcements,
      Math.max(INTERVAL_MILLISECONDS, ARP_FORMS * pace.spacing),
    );
  }
}

function announceByKernel({ route }: Pod, link: Link, count: number, spacing: number): void {
  const change = setLinkAddress(link, link.mac);
  if (spacing === 0) {
    route.changes(Array.from({ length: count }, () => change));
    return;
  }
  for (let round = 1; round <= count; round++) {
    if (round > 1) waitForInput([], spacing);
    route.change(change);
  }
}
