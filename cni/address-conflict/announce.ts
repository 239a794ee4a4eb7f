import type { IpAddress } from '../../src/domain/values/ip-address';
import { waitForInput } from '../ffi/libc';
import type { PacketSockets } from '../packet/packet-sockets';
import { announcementFrames } from './announcement';

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
