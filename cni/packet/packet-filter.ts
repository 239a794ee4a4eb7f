import type { Family } from '../../src/domain/values/ip-address';
import { ACCEPT, JUMP_IF_EQUAL, LOAD_BYTE, PACKET_OTHERHOST, PACKET_TYPE, program, REFUSE } from './filter-program';
import { IPPROTO_ICMPV6 } from './icmpv6-checksum';
import { NEIGHBOUR_ADVERTISEMENT, NEIGHBOUR_SOLICITATION } from './neighbour-discovery';

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
const ARP_FILTER = program([[LOAD_BYTE, 0, 0, PACKET_TYPE], [JUMP_IF_EQUAL, 1, 0, PACKET_OTHERHOST], ACCEPT, REFUSE]);

/** The same of ICMPv6, `ip6[40] = 135 or ip6[40] = 136`. */
const NEIGHBOUR_DISCOVERY_FILTER = program([
  [LOAD_BYTE, 0, 0, PACKET_TYPE],
  [JUMP_IF_EQUAL, 6, 0, PACKET_OTHERHOST],
  [LOAD_BYTE, 0, 0, NEXT_HEADER],
  [JUMP_IF_EQUAL, 0, 4, IPPROTO_ICMPV6],
  [LOAD_BYTE, 0, 0, ICMPV6_TYPE],
  [JUMP_IF_EQUAL, 1, 0, NEIGHBOUR_SOLICITATION],
  [JUMP_IF_EQUAL, 0, 1, NEIGHBOUR_ADVERTISEMENT],
  ACCEPT,
  REFUSE,
]);
