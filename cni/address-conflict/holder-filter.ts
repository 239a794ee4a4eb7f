import type { IpAddress } from '../../src/domain/values/ip-address';
import { type MacAddress, macToBytes } from '../../src/domain/values/mac-address';
import {
  ACCEPT,
  type Instruction,
  JUMP_IF_EQUAL,
  LOAD_BYTE,
  LOAD_HALF_WORD,
  LOAD_WORD,
  PACKET_OTHERHOST,
  PACKET_TYPE,
  program,
  REFUSE,
} from '../packet/filter-program';
import {
  ARP_SENDER,
  FRAME_SOURCE,
  ICMPV6_TYPE,
  IPV6_NEXT_HEADER,
  IPV6_SOURCE,
  NEIGHBOUR_TARGET,
} from '../packet/frame-offsets';
import { NEIGHBOUR_ADVERTISEMENT, NEIGHBOUR_SOLICITATION } from '../packet/neighbour-discovery';
import { IPPROTO_ICMPV6 } from '../packet/transport-checksum';

/**
 * The filter of a socket that listens permanently: it accepts frames whose sender claims one of the addresses, which
 * are all of one family. Other traffic, such as thousands of ARP requests a second on a flooding switch, costs a few
 * instructions per frame and is never queued.
 *
 * Probes of other hosts are dropped, too: the kernel answers them.
 *
 * @param other a MAC address of which every frame is accepted
 */
export function holderFilter(addresses: readonly IpAddress[], other?: MacAddress): Uint8Array {
  const isIpv4 = addresses[0]!.family === 4;
  // Jumps are short: each test continues after itself, so the number of addresses does not matter.
  return program([
    ...refuseIf(PACKET_TYPE, PACKET_OTHERHOST),
    ...(other === undefined ? [] : acceptFrom(other)),
    ...(isIpv4 ? arpHolder(addresses) : neighbourHolder(addresses)),
    REFUSE,
  ]);
}

/** `arp[14:4] = ADDRESS`, the sender's address in a request, a reply or an announcement. */
function arpHolder(addresses: readonly IpAddress[]): Instruction[] {
  return addresses.flatMap((address) => acceptIf(ARP_SENDER, address));
}

/** `icmp6[0] = 136 and ip6[48:16] = ADDRESS`, an advertisement of the address; or any packet from it. */
function neighbourHolder(addresses: readonly IpAddress[]): Instruction[] {
  return [
    ...refuseUnless(IPV6_NEXT_HEADER, IPPROTO_ICMPV6),
    ...refuseUnless(ICMPV6_TYPE, NEIGHBOUR_SOLICITATION, NEIGHBOUR_ADVERTISEMENT),
    ...addresses.flatMap((address) => acceptIf(IPV6_SOURCE, address)),
    ...refuseUnless(ICMPV6_TYPE, NEIGHBOUR_ADVERTISEMENT),
    ...addresses.flatMap((address) => acceptIf(NEIGHBOUR_TARGET, address)),
  ];
}

/** `ether src MAC` */
function acceptFrom(mac: MacAddress): Instruction[] {
  const view = new DataView(Uint8Array.from(macToBytes(mac)).buffer);
  return [
    [LOAD_WORD, 0, 0, FRAME_SOURCE],
    [JUMP_IF_EQUAL, 0, 3, view.getUint32(0)],
    [LOAD_HALF_WORD, 0, 0, FRAME_SOURCE + 4],
    [JUMP_IF_EQUAL, 0, 1, view.getUint16(4)],
    ACCEPT,
  ];
}

function refuseIf(offset: number, value: number): Instruction[] {
  return [[LOAD_BYTE, 0, 0, offset], [JUMP_IF_EQUAL, 0, 1, value], REFUSE];
}

function refuseUnless(offset: number, ...values: readonly number[]): Instruction[] {
  const tests = values.map((value, index): Instruction => [JUMP_IF_EQUAL, values.length - index, 0, value]);
  return [[LOAD_BYTE, 0, 0, offset], ...tests, REFUSE];
}

/** Compares an address word by word; the first difference jumps past the end. */
function acceptIf(offset: number, { bytes }: IpAddress): Instruction[] {
  const view = new DataView(Uint8Array.from(bytes).buffer);
  const words = Array.from({ length: bytes.length / 4 }, (_, index) => index);
  return [
    ...words.flatMap((index): Instruction[] => [
      [LOAD_WORD, 0, 0, offset + index * 4],
      [JUMP_IF_EQUAL, 0, 2 * (words.length - index) - 1, view.getUint32(index * 4)],
    ]),
    ACCEPT,
  ];
}
