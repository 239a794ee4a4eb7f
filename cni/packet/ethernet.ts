import { type MacAddress, macFromBytes, macToBytes } from '../../src/domain/values/mac-address';

export const ETH_P_IP = 0x0800;
export const ETH_P_ARP = 0x0806;
export const ETH_P_IPV6 = 0x86dd;

export const BROADCAST: MacAddress = 'ff:ff:ff:ff:ff:ff';

const HEADER_LENGTH = 14;

/** A frame as a packet socket receives it: the kernel has removed a VLAN tag. */
export interface EthernetFrame {
  readonly destination: MacAddress;
  readonly source: MacAddress;
  /** `ETH_P_…` */
  readonly etherType: number;
  readonly payload: Uint8Array;
}

export interface EthernetHeader extends Omit<EthernetFrame, 'payload'> {}

/** The frame's bytes. Short frames are padded by the driver, not here. */
export function encodeEthernet(
  { destination, source, etherType }: EthernetHeader,
  payload: Iterable<number>,
): Uint8Array {
  return Uint8Array.from([
    ...macToBytes(destination),
    ...macToBytes(source),
    etherType >> 8,
    etherType & 0xff,
    ...payload,
  ]);
}

/** Nothing if the bytes are shorter than a header. */
export function decodeEthernet(bytes: Uint8Array): EthernetFrame | undefined {
  if (bytes.length < HEADER_LENGTH) return undefined;
  return {
    destination: macFromBytes(bytes.subarray(0, 6)),
    source: macFromBytes(bytes.subarray(6, 12)),
    etherType: (bytes[12]! << 8) | bytes[13]!,
    payload: bytes.subarray(HEADER_LENGTH),
  };
}
