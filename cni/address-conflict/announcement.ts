import type { IpAddress } from '../../src/domain/values/ip-address';
import type { MacAddress } from '../../src/domain/values/mac-address';
import { arpAnnouncement, arpReplyAnnouncement } from '../packet/arp';
import { unsolicitedAdvertisement } from '../packet/neighbour-discovery';

/**
 * The frames that tell the LAN which MAC an address has. Of IPv4 both forms, because some hosts and switches learn from
 * requests only and some from replies only.
 */
export function announcementFrames(mac: MacAddress, address: IpAddress): Uint8Array[] {
  return address.family === 4
    ? [arpAnnouncement(mac, address), arpReplyAnnouncement(mac, address)]
    : [unsolicitedAdvertisement(mac, address)];
}
