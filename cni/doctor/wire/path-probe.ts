import type { Family, IpAddress } from '../../../src/domain/values/ip-address';
import { addressFamily } from '../../ffi/address-family';
import {
  bindSocket,
  closeSocket,
  connectSocket,
  openSocket,
  SOCK_DGRAM,
  SystemCallError,
  sendBytes,
  setSocketOption,
  socketError,
  socketOption,
} from '../../ffi/libc';
import { socketAddress } from '../../packet/socket-address';

/** The first port of traceroute: hosts answer it with port unreachable. */
const PORT = 33434;

/** Header bytes of IP and UDP. */
const HEADER_BYTES: Readonly<Record<Family, number>> = { 4: 28, 6: 48 };

/** Level, `IP_MTU_DISCOVER` and `IP_MTU` of linux/in.h and linux/in6.h. */
const OPTIONS = { 4: { level: 0, discover: 10, mtu: 14 }, 6: { level: 41, discover: 23, mtu: 24 } } as const;

/**
 * Sends datagrams that must not be fragmented: of the interface's MTU, and empty ones. A router that cannot forward a
 * large one reports it, unless a firewall drops that: then empty ones are answered and large ones are not.
 */
export class PathProbe implements Disposable {
  private constructor(
    private readonly large: readonly Datagram[],
    private readonly empty: readonly Datagram[],
    public readonly source: IpAddress,
    public readonly destination: IpAddress,
    /** Bytes. */
    public readonly linkMtu: number,
  ) {}

  public static begin(source: IpAddress, destination: IpAddress, linkMtu: number): PathProbe {
    const largest = linkMtu - HEADER_BYTES[source.family];
    const [empty, large]: [Datagram[], Datagram[]] = [[], []];
    // Alternating, so that a host's rate limit for answers does not affect only the large ones.
    for (const size of [0, largest, 0, largest, 0]) {
      (size === 0 ? empty : large).push(Datagram.send(source, destination, size));
    }
    return new PathProbe(large, empty, source, destination, linkMtu);
  }

  public [Symbol.dispose](): void {
    for (const datagram of [...this.large, ...this.empty]) datagram[Symbol.dispose]();
  }

  /** The path MTU in bytes that the kernel has learned so far. */
  public get mtu(): number {
    return this.large[0]!.pathMtu ?? this.linkMtu;
  }

  /**
   * Whether large datagrams are lost: no answer to them, but one to each empty one. Call it once, after some time.
   */
  public isBlackHole(): boolean {
    return (
      this.empty.every((datagram) => datagram.isAnswered()) && !this.large.some((datagram) => datagram.isAnswered())
    );
  }
}

/** A datagram with its own socket, to receive the result. */
class Datagram implements Disposable {
  private constructor(
    private readonly fd: number,
    private readonly family: Family,
    private isRefused = false,
  ) {}

  public static send(source: IpAddress, destination: IpAddress, bytes: number): Datagram {
    const { level, discover } = OPTIONS[source.family];
    const IP_PMTUDISC_DO = 2;
    const datagram = new Datagram(openSocket(addressFamily(source.family), SOCK_DGRAM, 0), source.family);
    try {
      setSocketOption(datagram.fd, level, discover, new Uint8Array(new Int32Array([IP_PMTUDISC_DO]).buffer));
      bindSocket(datagram.fd, socketAddress(source, 0, 0));
      connectSocket(datagram.fd, socketAddress(destination, PORT, 0));
      sendBytes(datagram.fd, new Uint8Array(bytes));
    } catch (error) {
      // EMSGSIZE: the kernel already knows the MTU. No route: the connection attempts report it.
      if (!(error instanceof SystemCallError)) throw error;
      datagram.isRefused = true;
    }
    return datagram;
  }

  public [Symbol.dispose](): void {
    closeSocket(this.fd);
  }

  /** Nothing if the socket has no route. */
  public get pathMtu(): number | undefined {
    const { level, mtu } = OPTIONS[this.family];
    try {
      return socketOption(this.fd, level, mtu);
    } catch (error) {
      if (!(error instanceof SystemCallError)) throw error;
      return undefined;
    }
  }

  /** Whether there was any answer, including the kernel's; reading it clears it. */
  public isAnswered(): boolean {
    return this.isRefused || socketError(this.fd) !== 0;
  }
}
