import { createSocket, type Socket } from 'node:dgram';
import { PAIR_PORT } from '../../../src/domain/router/pair';
import type { IpAddress } from '../../../src/domain/values/ip-address';
import type { Beat } from '../../standby/beat';
import { type BeatRefusal, encodeBeat, readBeat } from '../../standby/beat-message';
import { ServeError } from '../serve-error';

/** Hears the beats of other pods. */
export interface BeatListener {
  /** @param from the address on the cluster network that sent it */
  heard(beat: Beat, from: string): void;
  refused(reason: BeatRefusal): void;
}

/** Bytes that wait in a socket: some hundred beats, so that a pause of the process loses none. */
const RECEIVE_BYTES = 256 * 1024;

/** The heartbeats of a pair on the cluster network, signed with the pair's key. Before there is a key, it is silent. */
export class BeatChannel implements Disposable {
  /** The key that signs, and before it any that is still accepted. */
  public keys: readonly Uint8Array[] = [];

  private constructor(
    private readonly sockets: ReadonlyMap<number, Socket>,
    private readonly listener: BeatListener,
  ) {}

  /**
   * @param addresses of the pod on the cluster network, one of a family
   * @throws ServeError if the port is in use
   */
  public static async open(addresses: readonly IpAddress[], listener: BeatListener): Promise<BeatChannel> {
    const sockets = new Map<number, Socket>();
    const channel = new BeatChannel(sockets, listener);
    try {
      for (const { family, text } of addresses) sockets.set(family, await channel.bind(family, text));
      return channel;
    } catch (error) {
      channel[Symbol.dispose]();
      const reason = error instanceof Error ? error.message : error;
      throw new ServeError(`cannot listen for the other pod on port ${PAIR_PORT}: ${reason}`);
    }
  }

  public [Symbol.dispose](): void {
    for (const socket of this.sockets.values()) socket.close();
  }

  public send(beat: Beat, to: string): void {
    const [key] = this.keys;
    const socket = this.sockets.get(to.includes(':') ? 6 : 4);
    if (key === undefined || socket === undefined) return;
    // The other pod's silence says enough about a datagram that cannot be sent.
    socket.send(encodeBeat(beat, key), PAIR_PORT, to, () => {});
  }

  private bind(family: number, address: string): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const socket = createSocket(family === 4 ? 'udp4' : 'udp6');
      socket.once('error', reject);
      socket.on('message', (datagram, { address: from }) => this.received(datagram, from));
      socket.bind(PAIR_PORT, address, () => {
        socket.off('error', reject);
        // Such as ICMP errors of a pod that is gone.
        socket.on('error', () => {});
        try {
          socket.setRecvBufferSize(RECEIVE_BYTES);
        } catch {
          // The kernel's default holds some seconds of beats.
        }
        resolve(socket);
      });
    });
  }

  private received(datagram: Uint8Array, from: string): void {
    if (this.keys.length === 0) return;
    const beat = readBeat(datagram, this.keys);
    if (typeof beat === 'string') this.listener.refused(beat);
    else this.listener.heard(beat, from);
  }
}
