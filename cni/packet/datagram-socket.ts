import type { IpAddress } from '../../src/domain/values/ip-address';
import { addressFamily } from '../ffi/address-family';
import { bindSocket, closeSocket, openSocket, SOCK_DGRAM, sendBytesTo } from '../ffi/libc';
import { socketAddress } from './socket-address';

/**
 * A UDP socket of one source address, in the calling thread's namespace; it needs no privileges, and gets no result of
 * its datagrams.
 */
export class DatagramSocket implements Disposable {
  private constructor(private readonly fd: number) {}

  /** @throws SystemCallError, such as for an address that the namespace lacks */
  public static open(source: IpAddress): DatagramSocket {
    const socket = new DatagramSocket(openSocket(addressFamily(source.family), SOCK_DGRAM, 0));
    try {
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

  /**
   * Sends an empty datagram.
   *
   * @param interfaceIndex for a link-local address
   * @throws SystemCallError, such as for a missing route
   */
  public send(destination: IpAddress, port: number, interfaceIndex: number): void {
    sendBytesTo(this.fd, new Uint8Array(0), socketAddress(destination, port, interfaceIndex));
  }
}
