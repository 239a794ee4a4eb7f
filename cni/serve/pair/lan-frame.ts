import type { IpAddress } from '../../../src/domain/values/ip-address';
import type { MacAddress } from '../../../src/domain/values/mac-address';
import { readAddressUse } from '../../address-conflict/address-use';
import { decodeEthernet } from '../../packet/ethernet';

/** What a frame of the LAN says to a pod of a pair. */
export type LanFrame =
  /** Also from which MAC address. */
  | { readonly kind: 'gateway-answered'; readonly gateway: IpAddress; readonly mac: MacAddress }
  | { readonly kind: 'address-answered' }
  | { readonly kind: 'standby-asked' }
  | { readonly kind: 'standby-probed' };

/** What a pod of a pair listens for. */
export interface LanSubjects {
  readonly addresses: readonly IpAddress[];
  readonly gateways: readonly IpAddress[];
  readonly standbyMac: MacAddress;
}

/**
 * Reads a frame. Of a gateway only the answer to this pod alone counts: what it broadcasts says nothing about the
 * pod's own way to it.
 *
 * @param own MAC address of the pod's link
 */
export function readLanFrame(bytes: Uint8Array, own: MacAddress, subjects: LanSubjects): LanFrame | undefined {
  const frame = decodeEthernet(bytes);
  if (frame === undefined || frame.source === own) return undefined;
  const use = readAddressUse(frame);
  if (use === undefined) return undefined;
  const { addresses, gateways, standbyMac } = subjects;
  const isToUs = frame.destination === own;
  const { holds, asks } = use;
  if (holds.some((address) => includes(addresses, address))) return { kind: 'address-answered' };
  if (asks !== undefined) {
    if (frame.source !== standbyMac || !includes(addresses, asks)) return undefined;
    return { kind: isToUs ? 'standby-asked' : 'standby-probed' };
  }
  const gateway = isToUs ? holds.find((address) => includes(gateways, address)) : undefined;
  return gateway && { kind: 'gateway-answered', gateway, mac: frame.source };
}

function includes(addresses: readonly IpAddress[], { text }: IpAddress): boolean {
  return addresses.some((address) => address.text === text);
}
