import type { Family } from '../../src/config/ip-address';
import { IPPROTO_ICMPV6 } from './icmpv6-checksum';
import { NEIGHBOUR_ADVERTISEMENT, NEIGHBOUR_SOLICITATION } from './neighbour-discovery';

/** `struct sock_filter`: operation, jumps when true and when false, operand. */
type Instruction = readonly [code: number, whenTrue: number, whenFalse: number, operand: number];

// Classic BPF, linux/filter.h.
const LOAD_BYTE = 0x30;
const JUMP_IF_EQUAL = 0x15;
const RETURN = 0x06;

/** SKF_AD_OFF + SKF_AD_PKTTYPE: whom the kernel takes the frame to be for. */
const PACKET_TYPE = 0xfffff000 + 4;
const PACKET_OTHERHOST = 3;

const NEXT_HEADER = 14 + 6;
const ICMPV6_TYPE = 14 + 40;

/**
 * What a socket of the family's neighbour protocol receives; the rest of a busy LAN's traffic never wakes it. The
 * EtherType needs no instruction: the socket is bound to it.
 *
 * A frame of a VLAN that no interface takes arrives here too, and speaks of another LAN. Its tag is no longer there to ask
 * for (SKF_AD_VLAN_TAG_PRESENT is 0): the kernel has marked the frame as somebody else's instead.
 */
export function neighbourFilter(family: Family): Uint8Array {
  return family === 4 ? ARP_FILTER : NEIGHBOUR_DISCOVERY_FILTER;
}

/** What `tcpdump --no-promiscuous-mode 'arp and not vlan'` shows. */
const ARP_FILTER = program([
  [LOAD_BYTE, 0, 0, PACKET_TYPE],
  [JUMP_IF_EQUAL, 1, 0, PACKET_OTHERHOST],
  [RETURN, 0, 0, 0xffff],
  [RETURN, 0, 0, 0],
]);

/** The same of ICMPv6, `ip6[40] = 135 or ip6[40] = 136`. */
const NEIGHBOUR_DISCOVERY_FILTER = program([
  [LOAD_BYTE, 0, 0, PACKET_TYPE],
  [JUMP_IF_EQUAL, 6, 0, PACKET_OTHERHOST],
  [LOAD_BYTE, 0, 0, NEXT_HEADER],
  [JUMP_IF_EQUAL, 0, 4, IPPROTO_ICMPV6],
  [LOAD_BYTE, 0, 0, ICMPV6_TYPE],
  [JUMP_IF_EQUAL, 1, 0, NEIGHBOUR_SOLICITATION],
  [JUMP_IF_EQUAL, 0, 1, NEIGHBOUR_ADVERTISEMENT],
  [RETURN, 0, 0, 0xffff],
  [RETURN, 0, 0, 0],
]);

function program(instructions: readonly Instruction[]): Uint8Array {
  const bytes = new Uint8Array(instructions.length * 8);
  const view = new DataView(bytes.buffer);
  for (const [index, [code, whenTrue, whenFalse, operand]] of instructions.entries()) {
    view.setUint16(index * 8, code, true);
    view.setUint8(index * 8 + 2, whenTrue);
    view.setUint8(index * 8 + 3, whenFalse);
    view.setUint32(index * 8 + 4, operand, true);
  }
  return bytes;
}
