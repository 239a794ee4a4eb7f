import type { Family, IpAddress } from '../../../src/config/ip-address';
import {
  bindSocket,
  closeSocket,
  connectSocket,
  openSocket,
  SOCK_DGRAM,
  SystemCallError,
  sendBytes,
  setSocketOption,
  socketOption,
} from '../../ffi/libc';
import { addressFamily, socketAddress } from '../../packet/socket-address';

/** Where traceroute begins: nobody listens there. */
const PORT = 33434;

/** Of IP and UDP. */
const HEADER_BYTES: Readonly<Record<Family, number>> = { 4: 28, 6: 48 };

/** Level, `IP_MTU_DISCOVER` and `IP_MTU` of linux/in.h and linux/in6.h. */
const OPTIONS = { 4: { level: 0, discover: 10, mtu: 14 }, 6: { level: 41, discover: 23, mtu: 24 } } as const;

/** One datagram as large as the interface takes, which no router may cut: who cannot pass it on says so. */
export class PathProbe implements Disposable {
  private constructor(
    private readonly fd: number,
    public readonly destination: IpAddress,
    /** Bytes. */
    public readonly linkMtu: number,
  ) {}

  public static begin(source: IpAddress, destination: IpAddress, linkMtu: number): PathProbe {
    const { level, discover } = OPTIONS[source.family];
    const IP_PMTUDISC_DO = 2;
    const probe = new PathProbe(openSocket(addressFamily(source), SOCK_DGRAM, 0), destination, linkMtu);
    try {
      setSocketOption(probe.fd, level, discover, new Uint8Array(new Int32Array([IP_PMTUDISC_DO]).buffer));
      bindSocket(probe.fd, socketAddress(source, 0, 0));
      connectSocket(probe.fd, socketAddress(destination, PORT, 0));
      sendBytes(probe.fd, new Uint8Array(linkMtu - HEADER_BYTES[source.family]));
    } catch (error) {
      // EMSGSIZE: the kernel knows already. No route: the attempts to connect tell.
      if (!(error instanceof SystemCallError)) throw error;
    }
    return probe;
  }

  /** Bytes that the kernel believes the path to take, after what it has heard by now. */
  public get mtu(): number {
    try {
      const { level, mtu } = OPTIONS[this.destination.family];
      return socketOption(this.fd, level, mtu);
    } catch (error) {
      if (!(error instanceof SystemCallError)) throw error;
      return this.linkMtu;
    }
  }

  public [Symbol.dispose](): void {
    closeSocket(this.fd);
  }
}
