import type { IpAddress } from '../../src/domain/values/ip-address';
import { addressFamily } from '../ffi/address-family';
import { bindSocket, closeSocket, openSocket, SOCK_DGRAM, sendBytesTo } from '../ffi/libc';
import { bindToLink } from './bound-to-link';
import { socketAddress } from './socket-address';

/**
 * A UDP socket of one source address on one interface, in the calling thread's namespace; it needs no privileges, and
 * gets no result of its datagrams. It is bound to the interface, because a policy rule of another program may precede
 * the one of the source address.
 */
export class DatagramSocket implements Disposable {
  private constructor(
    private readonly fd: number,
    public readonly interfaceIndex: number,
  ) {}

  /** @throws SystemCallError, such as for an address that the namespace lacks */
  public static open(source: IpAddress, interfaceIndex: number): DatagramSocket {
    const socket = new DatagramSocket(openSocket(addressFamily(source.family), SOCK_DGRAM, 0), interfaceIndex);
    try {
      bindToLink(socket.fd, interfaceIndex);
      bindSocket(socket.fd, socketAddress(source, 0, 0));
      return socket;
    } catch (error) {
      socket[Symbol.dispose]();
      throw error;
    }
  }

  public [Symbol.dispose](): void {
    closeSocket(this.fd);
  }

  /** Sends an empty datagram. @throws SystemCallError, such as for a missing route */
  public send(destination: IpAddress, port: number): void {
    sendBytesTo(this.fd, new Uint8Array(0), socketAddress(destination, port, this.interfaceIndex));
  }
}
