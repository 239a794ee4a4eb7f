import type { IpAddress } from '../../src/domain/values/ip-address';
import { headerChecksum, IPPROTO_UDP, transportChecksum } from './transport-checksum';

/** A datagram of zeros. */
export interface UdpPacket {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly sourcePort: number;
  readonly port: number;
  /** Of the whole packet, with its headers. */
  readonly bytes: number;
}

const HOP_LIMIT = 64;
const UDP_HEADER = 8;

/** The length of the headers of IP and UDP. */
export function udpHeaders({ family }: IpAddress): number {
  return (family === 4 ? 20 : 40) + UDP_HEADER;
}

/** The octets of an IP packet that no router may fragment. */
export function encodeUdpPacket(packet: UdpPacket): Uint8Array {
  return packet.source.family === 4 ? ipv4(packet) : ipv6(packet);
}

function ipv4(packet: UdpPacket): Uint8Array {
  const DO_NOT_FRAGMENT = 0x4000;
  const bytes = new Uint8Array(packet.bytes);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 0x45);
  view.setUint16(2, packet.bytes);
  view.setUint16(6, DO_NOT_FRAGMENT);
  view.setUint8(8, HOP_LIMIT);
  view.setUint8(9, IPPROTO_UDP);
  bytes.set(packet.source.bytes, 12);
  bytes.set(packet.destination.bytes, 16);
  view.setUint16(10, headerChecksum(bytes.subarray(0, 20)));
  bytes.set(datagram(packet, packet.bytes - 20), 20);
  return bytes;
}

function ipv6(packet: UdpPacket): Uint8Array {
  const bytes = new Uint8Array(packet.bytes);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 0x60);
  view.setUint16(4, packet.bytes - 40);
  view.setUint8(6, IPPROTO_UDP);
  view.setUint8(7, HOP_LIMIT);
  bytes.set(packet.source.bytes, 8);
  bytes.set(packet.destination.bytes, 24);
  bytes.set(datagram(packet, packet.bytes - 40), 40);
  return bytes;
}

function datagram({ source, destination, sourcePort, port }: UdpPacket, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, sourcePort);
  view.setUint16(2, port);
  view.setUint16(4, length);
  // 0 would mean that there is no checksum.
  view.setUint16(6, transportChecksum(source, destination, bytes, IPPROTO_UDP) || 0xffff);
  return bytes;
}
