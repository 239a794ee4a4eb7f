import type { IpAddress } from '../../../src/domain/values/ip-address';
import type { IcmpError } from '../../packet/icmp-error';
import { encodeUdpPacket, udpHeaders } from '../../packet/udp-packet';

/** The first port of traceroute: hosts answer it with port unreachable. */
const PORT = 33434;

/** The ends of a path, and where it begins. */
export interface Path {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  /** Bytes. */
  readonly linkMtu: number;
}

interface Datagram {
  readonly sourcePort: number;
  readonly isLarge: boolean;
  isAnswered: boolean;
}

/**
 * Datagrams that must not be fragmented: of the interface's MTU, and empty ones. A router that cannot forward a large
 * one reports it, unless a firewall drops that: then empty ones are answered and large ones are not.
 */
export class PathProbe {
  private readonly datagrams: readonly Datagram[];
  private smallestMtu: number;

  /** @param firstPort the source port of the first datagram, by which answers are recognized */
  public constructor(
    public readonly path: Path,
    firstPort: number,
  ) {
    this.smallestMtu = path.linkMtu;
    // Alternating, so that a host's rate limit for answers does not affect only the large ones.
    this.datagrams = [false, true, false, true, false].map((isLarge, index) => ({
      sourcePort: firstPort + index,
      isLarge,
      isAnswered: false,
    }));
  }

  /** The packets to send, in order. */
  public get packets(): Uint8Array[] {
    const { source, destination, linkMtu } = this.path;
    return this.datagrams.map(({ sourcePort, isLarge }) =>
      encodeUdpPacket({
        source,
        destination,
        sourcePort,
        port: PORT,
        bytes: isLarge ? linkMtu : udpHeaders(source),
      }),
    );
  }

  /** Takes an error that is the answer to one of the datagrams. */
  public receive({ destination, sourcePort, mtu }: IcmpError): void {
    const datagram = this.datagrams.find((each) => each.sourcePort === sourcePort);
    if (datagram === undefined || !this.path.destination.bytes.every((octet, at) => octet === destination[at])) return;
    datagram.isAnswered = true;
    // A router that does not know the size says 0.
    if (mtu !== undefined && mtu > 0) this.smallestMtu = Math.min(this.smallestMtu, mtu);
  }

  /** Whether every datagram is answered. */
  public get isOver(): boolean {
    return this.datagrams.every(({ isAnswered }) => isAnswered);
  }

  /** The path MTU in bytes, as far as routers have reported it. */
  public get mtu(): number {
    return this.smallestMtu;
  }

  /** Whether large datagrams are lost: no answer to them, but one to each empty one. */
  public isBlackHole(): boolean {
    return this.datagrams.every(({ isLarge, isAnswered }) => isLarge !== isAnswered);
  }
}
