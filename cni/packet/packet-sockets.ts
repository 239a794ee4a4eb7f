import type { Family, IpAddress } from '../../src/domain/values/ip-address';
import type { MacAddress } from '../../src/domain/values/mac-address';
import { ACCEPT, JUMP_IF_EQUAL, LOAD_BYTE, PACKET_OTHERHOST, PACKET_TYPE, program, REFUSE } from './filter-program';
import { ICMPV6_TYPE, IPV6_NEXT_HEADER } from './frame-offsets';
import {
  ALL_NODES,
  multicastMac,
  NEIGHBOUR_ADVERTISEMENT,
  NEIGHBOUR_SOLICITATION,
  solicitedNode,
} from './neighbour-discovery';
import { type PacketLink, PacketSocket } from './packet-socket';
import { IPPROTO_ICMPV6 } from './transport-checksum';

/** Makes the filter of a socket from the addresses of its family. */
export type FilterOf = (addresses: readonly IpAddress[]) => Uint8Array;

const FAMILIES: readonly Family[] = [4, 6];

const everyNeighbour: FilterOf = ([address]) => neighbourFilter(address!.family);

/** Sends frames with the MAC address of a link. */
export type FrameSender = Pick<PacketSockets, 'link' | 'send'>;

/** A socket for each family of some addresses, on one interface in the calling thread's namespace. */
export class PacketSockets implements Disposable {
  private readonly sockets = new Map<Family, PacketSocket>();
  /** ARP frames sent so far. */
  public sentArpFrames = 0;

  private constructor(public readonly link: PacketLink) {}

  /** @throws SystemCallError */
  public static open(
    link: PacketLink,
    addresses: readonly IpAddress[],
    filterOf: FilterOf = everyNeighbour,
  ): PacketSockets {
    const opened = new PacketSockets(link);
    try {
      for (const family of FAMILIES) {
        const own = ofFamily(addresses, family);
        if (own.length === 0) continue;
        opened.sockets.set(family, PacketSocket.open(link, family, own.flatMap(groupsOf), filterOf(own)));
      }
      return opened;
    } catch (error) {
      opened[Symbol.dispose]();
      throw error;
    }
  }

  /** Takes 8 to 25 ms for each family: see `PacketSocket`. */
  public [Symbol.dispose](): void {
    for (const socket of this.sockets.values()) socket[Symbol.dispose]();
  }

  public get all(): PacketSocket[] {
    return [...this.sockets.values()];
  }

  /** Replaces the filter; frames that are already queued stay. @throws SystemCallError */
  public filter(addresses: readonly IpAddress[], filterOf: FilterOf): void {
    for (const [family, socket] of this.sockets) socket.filter(filterOf(ofFamily(addresses, family)));
  }

  public send(family: Family, frame: Uint8Array): void {
    this.sockets.get(family)!.send(frame);
    if (family === 4) this.sentArpFrames++;
  }
}

function ofFamily(addresses: readonly IpAddress[], family: Family): IpAddress[] {
  return addresses.filter((address) => address.family === family);
}

/** IPv6 answers go to all nodes, and probes of other hosts to the address' solicited-node group. ARP is broadcast. */
function groupsOf(address: IpAddress): MacAddress[] {
  return address.family === 4 ? [] : [ALL_NODES, solicitedNode(address)].map(multicastMac);
}

/**
 * The filter of a socket for the family's neighbour protocol; other traffic of a busy LAN never wakes it. The EtherType
 * needs no instruction: the socket is bound to it.
 *
 * Frames of a VLAN without an interface also arrive here, but belong to another LAN. Their tag is no longer visible
 * (SKF_AD_VLAN_TAG_PRESENT is 0): instead, the kernel has marked the frame as one for another host.
 */
export function neighbourFilter(family: Family): Uint8Array {
  return family === 4 ? ARP_FILTER : NEIGHBOUR_DISCOVERY_FILTER;
}

/** Equals `tcpdump --no-promiscuous-mode 'arp and not vlan'`. */
const ARP_FILTER = program([[LOAD_BYTE, 0, 0, PACKET_TYPE], [JUMP_IF_EQUAL, 1, 0, PACKET_OTHERHOST], ACCEPT, REFUSE]);

/** The same of ICMPv6, `ip6[40] = 135 or ip6[40] = 136`. */
const NEIGHBOUR_DISCOVERY_FILTER = program([
  [LOAD_BYTE, 0, 0, PACKET_TYPE],
  [JUMP_IF_EQUAL, 6, 0, PACKET_OTHERHOST],
  [LOAD_BYTE, 0, 0, IPV6_NEXT_HEADER],
  [JUMP_IF_EQUAL, 0, 4, IPPROTO_ICMPV6],
  [LOAD_BYTE, 0, 0, ICMPV6_TYPE],
  [JUMP_IF_EQUAL, 1, 0, NEIGHBOUR_SOLICITATION],
  [JUMP_IF_EQUAL, 0, 1, NEIGHBOUR_ADVERTISEMENT],
  ACCEPT,
  REFUSE,
]);
