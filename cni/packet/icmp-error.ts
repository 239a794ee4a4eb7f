import type { Family } from '../../src/domain/values/ip-address';
import { ETH_P_IP, ETH_P_IPV6, type EthernetFrame } from './ethernet';
import { ACCEPT, JUMP_IF_EQUAL, LOAD_BYTE, PACKET_OTHERHOST, PACKET_TYPE, program, REFUSE } from './filter-program';
import { IPPROTO_ICMPV6, IPPROTO_UDP } from './transport-checksum';

/** An error that a router or a host reports of a UDP datagram. */
export interface IcmpError {
  /** Octets of the address that the datagram was sent to. */
  readonly destination: Uint8Array;
  /** The datagram's. */
  readonly sourcePort: number;
  /** Bytes; only of a packet that was too big. */
  readonly mtu?: number;
}

const IPPROTO_ICMP = 1;
const UNREACHABLE = 3;
const FRAGMENTATION_NEEDED = 4;
const PACKET_TOO_BIG = 2;

/** Decodes an error of a UDP datagram; nothing for any other frame. */
export function decodeIcmpError({ etherType, payload }: EthernetFrame): IcmpError | undefined {
  if (etherType === ETH_P_IP) return ofIpv4(payload);
  return etherType === ETH_P_IPV6 ? ofIpv6(payload) : undefined;
}

function ofIpv4(packet: Uint8Array): IcmpError | undefined {
  const icmp = headerLength(packet);
  // The header of the error, of the datagram's IP, and the datagram's ports.
  if (packet.length < icmp + 8 + 20 || packet[9] !== IPPROTO_ICMP) return undefined;
  const inner = packet.subarray(icmp + 8);
  const udp = headerLength(inner);
  if (inner.length < udp + 4 || inner[9] !== IPPROTO_UDP) return undefined;
  const error = { destination: inner.subarray(16, 20), sourcePort: u16(inner, udp) };
  const isTooBig = packet[icmp] === UNREACHABLE && packet[icmp + 1] === FRAGMENTATION_NEEDED;
  return isTooBig ? { ...error, mtu: u16(packet, icmp + 6) } : error;
}

function ofIpv6(packet: Uint8Array): IcmpError | undefined {
  const [icmp, inner, udp] = [40, 48, 88];
  if (packet.length < udp + 4 || packet[6] !== IPPROTO_ICMPV6 || packet[inner + 6] !== IPPROTO_UDP) return undefined;
  const error = { destination: packet.subarray(inner + 24, inner + 40), sourcePort: u16(packet, udp) };
  return packet[icmp] === PACKET_TOO_BIG ? { ...error, mtu: u16(packet, icmp + 6) } : error;
}

function headerLength(packet: Uint8Array): number {
  return ((packet[0] ?? 0) & 0xf) * 4;
}

function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

/** Accepts ICMP of IPv4, or the errors of ICMPv6. */
export function icmpErrorFilter(family: Family): Uint8Array {
  return family === 4 ? ICMP_FILTER : ICMPV6_FILTER;
}

const ICMP_FILTER = program([
  [LOAD_BYTE, 0, 0, PACKET_TYPE],
  [JUMP_IF_EQUAL, 3, 0, PACKET_OTHERHOST],
  [LOAD_BYTE, 0, 0, 14 + 9],
  [JUMP_IF_EQUAL, 0, 1, IPPROTO_ICMP],
  ACCEPT,
  REFUSE,
]);

/** Unreachable, too big, time exceeded, parameter problem: 1 to 4. */
const ICMPV6_FILTER = program([
  [LOAD_BYTE, 0, 0, PACKET_TYPE],
  [JUMP_IF_EQUAL, 8, 0, PACKET_OTHERHOST],
  [LOAD_BYTE, 0, 0, 14 + 6],
  [JUMP_IF_EQUAL, 0, 6, IPPROTO_ICMPV6],
  [LOAD_BYTE, 0, 0, 14 + 40],
  [JUMP_IF_EQUAL, 3, 0, 1],
  [JUMP_IF_EQUAL, 2, 0, 2],
  [JUMP_IF_EQUAL, 1, 0, 3],
  [JUMP_IF_EQUAL, 0, 1, 4],
  ACCEPT,
  REFUSE,
]);
