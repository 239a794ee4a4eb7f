import type { IpAddress } from '../../src/domain/values/ip-address';
import type { MacAddress } from '../../src/domain/values/mac-address';
import { decodeArp } from '../packet/arp';
import type { EthernetFrame } from '../packet/ethernet';
import { decodeNeighbour } from '../packet/neighbour-discovery';

/** What an ARP packet or a neighbour message says of addresses. */
export interface AddressUse {
  readonly mac: MacAddress;
  /** The addresses that the sender uses; unspecified: it has none. */
  readonly holds: readonly IpAddress[];
  /** The address that the sender asks for; absent in an answer. */
  readonly asks?: IpAddress;
}

/** Nothing for any other frame. */
export function readAddressUse(frame: EthernetFrame): AddressUse | undefined {
  const arp = decodeArp(frame);
  if (arp !== undefined) {
    const { operation, sender, target } = arp;
    return { mac: sender.mac, holds: [sender.address], ...(operation === 'request' ? { asks: target.address } : {}) };
  }
  const message = decodeNeighbour(frame);
  if (message === undefined) return undefined;
  const { kind, source, target, mac } = message;
  return kind === 'advertisement' ? { mac, holds: [target, source] } : { mac, holds: [source], asks: target };
}
