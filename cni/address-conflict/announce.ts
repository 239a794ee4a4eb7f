import type { DataPlane } from '../../src/domain/data-plane/data-plane';
import type { IpAddress } from '../../src/domain/values/ip-address';
import type { MacAddress } from '../../src/domain/values/mac-address';
import type { Pod } from '../data-plane/pod';
import { waitForInput } from '../ffi/libc';
import { type Link, setLinkAddress } from '../netlink/route/link';
import { arpAnnouncement, arpReplyAnnouncement } from '../packet/arp';
import { unsolicitedAdvertisement } from '../packet/neighbour-discovery';
import type { PacketSockets } from '../packet/packet-sockets';

/**
 * `arping -U` and `arping -A`, and for IPv6 `ndsend`: tells the LAN that the addresses are at this interface now.
 *
 * @param intervalMilliseconds from one announcement to the next; 0 sends them back to back
 * @throws SystemCallError
 */
export function announce(
  sockets: PacketSockets,
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
 * The frames that tell the LAN which MAC an address has. Of IPv4 both forms, because some hosts and switches learn from
 * requests only and some from replies only.
 */
export function announcementFrames(mac: MacAddress, address: IpAddress): Uint8Array[] {
  return address.family === 4
    ? [arpAnnouncement(mac, address), arpReplyAnnouncement(mac, address)]
    : [unsolicitedAdvertisement(mac, address)];
}

/** Milliseconds between announcements, so that a busy switch does not lose all of them at once. */
const INTERVAL_MILLISECONDS = 5;

/**
 * Tells the LAN where the addresses are now.
 *
 * @param sockets of the link: both forms of gratuitous ARP leave by them, some time apart. Without them the kernel announces,
 *   back to back: it does so whenever a MAC is set on a link with `arp_notify` and `ndisc_notify`, even to what it was. That
 *   costs microseconds, and closing a socket ten milliseconds
 */
export function announceRouter(
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
      INTERVAL_MILLISECONDS,
    );
  }
}

/**
 * After a link has come back, seconds: at once, and ever rarer. A switch may have lost what it knew, and a port with
 * spanning tree passes nothing for the first 30 seconds.
 */
const REPEAT_SECONDS = [0, 1, 2, 4, 8, 16, 32] as const;

/** When to announce the addresses again, and how often. Milliseconds of a clock that nobody sets. */
export class RepeatedAnnouncement {
  private pending: number[] = [];

  /** From the beginning, also when it was under way. */
  public begin(now: number): void {
    this.pending = REPEAT_SECONDS.map((seconds) => now + seconds * 1000);
  }

  /** Whether an announcement is due; several that were missed are one. */
  public isDue(now: number): boolean {
    const before = this.pending.length;
    this.pending = this.pending.filter((at) => at > now);
    return this.pending.length < before;
  }
}
