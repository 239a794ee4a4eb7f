import type { Family, IpAddress } from '../../src/config/ip-address';
import type { MacAddress } from '../../src/config/mac-address';
import { ALL_NODES, multicastMac, solicitedNode } from './neighbour-discovery';
import { type PacketLink, PacketSocket } from './packet-socket';

/** A socket for each family of some addresses, on one interface of the namespace that the calling thread is in. */
export class PacketSockets implements Disposable {
  private readonly sockets = new Map<Family, PacketSocket>();

  private constructor(public readonly link: PacketLink) {}

  /** @throws SystemCallError */
  public static open(link: PacketLink, addresses: readonly IpAddress[]): PacketSockets {
    const opened = new PacketSockets(link);
    try {
      for (const [family, groups] of groupsOf(addresses)) {
        opened.sockets.set(family, PacketSocket.open(link, family, groups));
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

  public send(family: Family, frame: Uint8Array): void {
    this.sockets.get(family)!.send(frame);
  }
}

/** Of IPv6, answers go to all nodes and others' probes to the address' own group. ARP is broadcast. */
function groupsOf(addresses: readonly IpAddress[]): Map<Family, MacAddress[]> {
  const groups = new Map<Family, MacAddress[]>();
  for (const address of addresses) {
    const macs = address.family === 4 ? [] : [ALL_NODES, solicitedNode(address)].map(multicastMac);
    groups.set(address.family, [...(groups.get(address.family) ?? []), ...macs]);
  }
  return groups;
}
