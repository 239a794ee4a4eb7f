import { decodeEthernet } from '../../cni/packet/ethernet';
import { fromBytes } from '../../src/domain/values/ip-address';

/** A frame with an IP packet. */
export interface Frame {
  readonly sourceMac: string;
  readonly destinationMac: string;
  readonly protocol: 'TCP' | 'UDP' | 'other';
  readonly source: string;
  readonly destination: string;
  readonly bytes: Uint8Array;
}

/** Offsets of the protocol's number and the addresses, by EtherType. */
const IP_HEADERS: Readonly<
  Record<number, { readonly protocol: number; readonly addresses: number; readonly length: number }>
> = {
  2048: { protocol: 9, addresses: 12, length: 4 },
  34525: { protocol: 6, addresses: 8, length: 16 },
};

const PROTOCOLS: Readonly<Record<number, Frame['protocol']>> = { 6: 'TCP', 17: 'UDP' };

/** Nothing for a frame of another kind, such as ARP. */
export function decodeFrame(bytes: Uint8Array): Frame | undefined {
  const ethernet = decodeEthernet(bytes);
  const header = IP_HEADERS[ethernet?.etherType ?? 0];
  if (ethernet === undefined || header === undefined) return undefined;
  const { payload } = ethernet;
  const address = (at: number) => fromBytes([...payload.subarray(at, at + header.length)]).text;
  return {
    sourceMac: ethernet.source,
    destinationMac: ethernet.destination,
    protocol: PROTOCOLS[payload[header.protocol] ?? 0] ?? 'other',
    source: address(header.addresses),
    destination: address(header.addresses + header.length),
    bytes,
  };
}

/** `MAC > MAC, TCP ADDRESS > ADDRESS, 74 bytes`, then the bytes, 16 a line. */
export function frameText(frame: Frame): string[] {
  const { sourceMac, destinationMac, protocol, source, destination, bytes } = frame;
  const lines = [`${sourceMac} > ${destinationMac}, ${protocol} ${source} > ${destination}, ${bytes.length} bytes`];
  for (let at = 0; at < bytes.length; at += 16) {
    const octets = [...bytes.subarray(at, at + 16)].map((octet) => octet.toString(16).padStart(2, '0'));
    lines.push(`${at.toString(16).padStart(4, '0')}  ${octets.join(' ')}`);
  }
  return lines;
}
