import { NEIGHBOUR_PORT } from '../../src/domain/data-plane/own-services';
import type { Neighbour } from '../../src/domain/router/serve-config';
import { EAGAIN, ENOBUFS, errnoName } from '../ffi/errno';
import { SystemCallError } from '../ffi/libc';
import { DatagramSocket } from '../packet/datagram-socket';

/** No buffer space for the datagram; the next one is sent anyway. */
const NOT_NOW: readonly number[] = [EAGAIN, ENOBUFS];

/**
 * Probes a host by a datagram from the reserved address, which makes the kernel resolve its MAC: an unprivileged
 * process can send neither ARP nor neighbour solicitations. The result is in the kernel's neighbour table.
 */
export class NeighbourProbe implements Disposable {
  private socket: DatagramSocket | undefined;
  private problem: string | undefined;

  /** @param open opens a socket of that source in the pod's namespace */
  public constructor(
    public readonly neighbour: Neighbour,
    private readonly open = DatagramSocket.open,
  ) {}

  public [Symbol.dispose](): void {
    this.close();
  }

  /** Why the last datagram was not sent. */
  public get obstacle(): string | undefined {
    return this.problem;
  }

  /** Sends a datagram by the router's interface. */
  public send(interfaceIndex: number): void {
    const { source, address } = this.neighbour;
    this.problem = undefined;
    try {
      // One permanent socket: each new one would be a new connection in conntrack.
      if (this.socket?.interfaceIndex !== interfaceIndex) this.close();
      this.socket ??= this.open(source, interfaceIndex);
      this.socket.send(address, NEIGHBOUR_PORT);
    } catch (error) {
      if (!(error instanceof SystemCallError)) throw error;
      if (!NOT_NOW.includes(error.errno)) this.problem = `${error.call}: ${errnoName(error.errno)}`;
    }
  }

  private close(): void {
    this.socket?.[Symbol.dispose]();
    this.socket = undefined;
  }
}
