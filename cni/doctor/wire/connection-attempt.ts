import type { IpAddress } from '../../../src/domain/values/ip-address';
import { addressFamily } from '../../ffi/address-family';
import { EINPROGRESS } from '../../ffi/errno';
import {
  bindSocket,
  closeSocket,
  connectSocket,
  openSocket,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SystemCallError,
  socketError,
} from '../../ffi/libc';
import { bindToLink } from '../../packet/bound-to-link';
import { socketAddress } from '../../packet/socket-address';
import type { Destination } from './destination';

/**
 * A TCP connection attempt in the calling thread's namespace, closed as soon as it succeeds.
 */
export class ConnectionAttempt implements Disposable {
  /** The error number, 0 for success; undefined while there is no answer. */
  public errno: number | undefined;

  private constructor(
    public readonly fd: number,
    public readonly source: IpAddress,
    public readonly destination: Destination,
  ) {}

  /**
   * @param interfaceIndex the interface that it has to leave by; absent: the one of the routes
   * @returns nothing if the kernel does not let this process choose the interface
   */
  public static begin(
    source: IpAddress,
    destination: Destination,
    interfaceIndex?: number,
  ): ConnectionAttempt | undefined {
    const fd = openSocket(addressFamily(source.family), SOCK_STREAM | SOCK_NONBLOCK, 0);
    const attempt = new ConnectionAttempt(fd, source, destination);
    if (interfaceIndex !== undefined && !bindToLink(fd, interfaceIndex)) {
      attempt[Symbol.dispose]();
      return undefined;
    }
    try {
      bindSocket(fd, socketAddress(source, 0, 0));
      connectSocket(fd, socketAddress(destination.address, destination.port, 0));
      attempt.errno = 0;
    } catch (error) {
      if (!(error instanceof SystemCallError)) throw error;
      if (error.errno !== EINPROGRESS) attempt.errno = error.errno;
    }
    return attempt;
  }

  public get isOpen(): boolean {
    return this.errno === undefined;
  }

  /** Reads the result. */
  public end(): void {
    this.errno = socketError(this.fd);
  }

  public [Symbol.dispose](): void {
    closeSocket(this.fd);
  }
}
