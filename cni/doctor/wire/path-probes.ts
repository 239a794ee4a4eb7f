import { contains } from '../../../src/domain/values/cidr';
import type { Family, IpAddress } from '../../../src/domain/values/ip-address';
import type { MacAddress } from '../../../src/domain/values/mac-address';
import { findLink, type Link } from '../../netlink/route/link';
import { decodeEthernet, ETH_P_IP, ETH_P_IPV6, encodeEthernet } from '../../packet/ethernet';
import { decodeIcmpError, icmpErrorFilter } from '../../packet/icmp-error';
import { PacketSocket } from '../../packet/packet-socket';
import { framesUntil } from '../../packet/received-frames';
import type { Subject } from '../subject';
import { type Path, PathProbe } from './path-probe';
import { answersOn } from './probe-neighbours';
import { unlessForbidden } from './unless-forbidden';

const ETHER_TYPES: Readonly<Record<Family, number>> = { 4: ETH_P_IP, 6: ETH_P_IPV6 };

/** Dynamic ports (RFC 6335), of which a probe takes a few. */
const FIRST_PORT = 49_152;
const PORTS_A_PROBE = 8;

/**
 * Probes of paths from net1, as frames: a datagram of a socket would not pass the table, which admits only what the
 * rules name. The answers are read before the table, too, because conntrack does not know what was asked.
 */
export class PathProbes implements Disposable {
  private readonly sockets = new Map<Family, PacketSocket>();

  private constructor(public readonly probes: readonly PathProbe[]) {}

  /** Sends the probes to these destinations; a path whose first hop does not answer is left out. */
  public static begin(subject: Subject, destinations: readonly IpAddress[]): PathProbes | 'forbidden' {
    const link = findLink(subject.pod.route, subject.plane.link.name);
    if (link === undefined) return new PathProbes([]);
    const paths = destinations.flatMap((destination) => pathTo(subject, destination, link) ?? []);
    const macs = answersOn(subject.pod, link, [...new Map(paths.map(({ hop }) => [hop.text, hop])).values()]);
    if (macs === 'forbidden') return 'forbidden';
    return unlessForbidden(() => subject.pod.run(() => PathProbes.send(link, paths, macs)));
  }

  public [Symbol.dispose](): void {
    for (const socket of this.sockets.values()) socket[Symbol.dispose]();
  }

  /** Reads the answers that have come, and come within these milliseconds. */
  public receive(milliseconds: number): void {
    if (this.sockets.size === 0) return;
    for (const bytes of framesUntil(performance.now() + milliseconds, [...this.sockets.values()])) {
      const frame = decodeEthernet(bytes);
      const error = frame && decodeIcmpError(frame);
      if (error !== undefined) for (const probe of this.probes) probe.receive(error);
      if (this.probes.every(({ isOver }) => isOver)) return;
    }
  }

  private static send(link: Link, paths: readonly PathByHop[], macs: ReadonlyMap<string, MacAddress>): PathProbes {
    const answered = paths.filter(({ hop }) => macs.has(hop.text));
    const probes = answered.map((path, index) => new PathProbe(path, FIRST_PORT + index * PORTS_A_PROBE));
    const opened = new PathProbes(probes);
    try {
      for (const [index, probe] of probes.entries())
        opened.sendProbe(link, probe, macs.get(answered[index]!.hop.text)!);
      return opened;
    } catch (error) {
      opened[Symbol.dispose]();
      throw error;
    }
  }

  private sendProbe(link: Link, probe: PathProbe, destination: MacAddress): void {
    const { family } = probe.path.source;
    const etherType = ETHER_TYPES[family];
    const socket = this.sockets.get(family) ?? PacketSocket.open(link, family, [], icmpErrorFilter(family), etherType);
    this.sockets.set(family, socket);
    for (const packet of probe.packets)
      socket.send(encodeEthernet({ destination, source: link.mac, etherType }, packet));
  }
}

interface PathByHop extends Path {
  /** The gateway, or the destination itself. */
  readonly hop: IpAddress;
}

function pathTo({ config }: Subject, destination: IpAddress, link: Link): PathByHop | undefined {
  const reserved = config.addresses.find(({ cidr }) => cidr.address.family === destination.family);
  if (reserved === undefined) return undefined;
  const hop = contains(reserved.cidr, destination) ? destination : reserved.gateway;
  return hop && { source: reserved.cidr.address, destination, linkMtu: link.mtu, hop };
}
