import type { IpAddress } from '../../src/domain/values/ip-address';
import { arpProbe } from '../packet/arp';
import { duplicateSolicitation } from '../packet/neighbour-discovery';
import type { PacketSockets } from '../packet/packet-sockets';

/**
 * Asks the LAN once who has the address. Nobody's cache changes.
 *
 * @throws SystemCallError
 */
export function sendProbe(sockets: PacketSockets, address: IpAddress): void {
  const { mac } = sockets.link;
  const frame = address.family === 4 ? arpProbe(mac, address) : duplicateSolicitation(mac, address);
  sockets.send(address.family, frame);
}
