import type { IpAddress } from '../../src/config/ip-address';
import { waitForInput } from '../ffi/libc';
import { announcementFrames } from './announcement';
import { type PacketLink, withPacketSockets } from './packet-socket';

/**
 * `arping -U` and `arping -A`, and for IPv6 `ndsend`: tells the LAN, in the network namespace of the calling thread, that
 * the addresses are at this interface now.
 *
 * Sending takes microseconds, closing a packet socket 8 to 25 ms: the kernel waits until no processor still looks at it.
 * Where that is too long, `ip link set LINK address ITS-OWN-MAC` makes the kernel announce all addresses of a link with
 * `arp_notify` and `ndisc_notify`, once and without the form of a reply.
 *
 * @param intervalMilliseconds from one announcement to the next; 0 sends them back to back
 * @throws SystemCallError
 */
export function announce(
  link: PacketLink,
  addresses: readonly IpAddress[],
  count: number,
  intervalMilliseconds: number,
): void {
  if (count < 1) return;
  const families = new Map(addresses.map(({ family }) => [family, []]));
  const frames = addresses.flatMap((address) =>
    announcementFrames(link.mac, address).map((frame) => ({ frame, family: address.family })),
  );
  withPacketSockets(link, families, (sockets) => {
    for (let round = 1; round <= count; round++) {
      if (round > 1 && intervalMilliseconds > 0) waitForInput([], intervalMilliseconds);
      for (const { frame, family } of frames) sockets.get(family)!.send(frame);
    }
  });
}
