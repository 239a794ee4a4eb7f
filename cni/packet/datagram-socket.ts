import type { IpAddress } from '../../src/config/ip-address';
import { AF_INET, AF_INET6, bindSocket, closeSocket, openSocket, SOCK_DGRAM, sendBytesTo } from '../ffi/libc';

/**
 * A UDP socket of one source address, of the namespace that the calling thread is in; it needs no privilege. It does not learn
 * what becomes of its datagrams.
 */
export class DatagramSocket implements Disposable {
  private constructor(private readonly fd: number) {}

  /** @throws SystemCallError, as when the namespace has no such address */
  public static open(source: IpAddress): DatagramSocket {
    const socket = new DatagramSocket(openSocket(source.family === 4 ? AF_INET : AF_INET6, SOCK_DGRAM, 0));
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
   * @param interfaceIndex where a link-local address is meant
   * @throws SystemCallError, as when there is no route
   */
  public send(destination: IpAddress, port: number, interfaceIndex: number): void {
    sendBytesTo(this.fd, new Uint8Array(0), socketAddress(destination, port, interfaceIndex));
  }
}

/** `struct sockaddr_in` or `struct sockaddr_in6`: the family as the machine has it, the port as the network has it. */
export function socketAddress({ family, bytes, text }: IpAddress, port: number, interfaceIndex: number): Uint8Array {
  const address = new Uint8Array(family === 4 ? 16 : 28);
  const view = new DataView(address.buffer);
  view.setUint16(0, family === 4 ? AF_INET : AF_INET6, true);
  view.setUint16(2, port, false);
  address.set(bytes, family === 4 ? 4 : 8);
  if (text.startsWith('fe80:')) view.setUint32(24, interfaceIndex, true);
  return address;
}
