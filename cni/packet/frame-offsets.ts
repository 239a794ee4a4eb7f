/** Offsets into an Ethernet frame, for the filters of packet sockets. */
const HEADER = 14;

/** The MAC address of the sender. */
export const FRAME_SOURCE = 6;

export const ARP_SENDER = HEADER + 14;

export const IPV6_NEXT_HEADER = HEADER + 6;
export const IPV6_SOURCE = HEADER + 8;

/** Behind an IPv6 header without extensions, as neighbour discovery has it. */
export const ICMPV6_TYPE = HEADER + 40;
/** The target of a solicitation or an advertisement. */
export const NEIGHBOUR_TARGET = ICMPV6_TYPE + 8;
