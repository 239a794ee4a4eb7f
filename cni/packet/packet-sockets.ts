import type { Family, IpAddress } from '../../src/domain/values/ip-address';
import type { MacAddress } from '../../src/domain/values/mac-address';
import { ALL_NODES, multicastMac, solicitedNode } from './neighbour-discovery';
import { neighbourFilter } from './packet-filter';
import { type PacketLink, PacketSocket } from './packet-socket';

/** The filter of a socket: of the addresses of its family. */
export type FilterOf = (addresses: readonly IpAddress[]) => Uint8Array;

const FAMILIES: readonly Family[] = [4, 6];

const everyNeighbour: FilterOf = ([address]) => neighbourFilter(address!.family);

/** A socket for each family of some addresses, on one interface of the namespace that the calling thread is in. */
export class PacketSockets implements Disposable {
  private readonly sockets = new Map<Family, PacketSocket>();

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

  /** Receives from now on what another filter lets through; frames that wait already stay. @throws SystemCallError */
  public filter(addresses: readonly IpAddress[], filterOf: FilterOf): void {
    for (const [family, socket] of this.sockets) socket.filter(filterOf(ofFamily(addresses, family)));
  }

  public send(family: Family, frame: Uint8Array): void {
    this.sockets.get(family)!.send(frame);
  }
}

function ofFamily(addresses: readonly IpAddress[], family: Family): IpAddress[] {
  return addresses.filter((address) => address.family === family);
}

/** Of IPv6, answers go to all nodes and others' probes to the address' own group. ARP is broadcast. */
function groupsOf(address: IpAddress): MacAddress[] {
  return address.family === 4 ? [] : [ALL_NODES, solicitedNode(address)].map(multicastMac);
}
