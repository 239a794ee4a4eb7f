import {
  AF_PACKET,
  bindSocket,
  closeSocket,
  MSG_DONTWAIT,
  openSocket,
  receiveBytes,
  SOCK_RAW,
} from '../../cni/ffi/libc';
import { decodeFrame, type Frame } from './frame';
import type { NetworkNamespace } from './network-namespace';

const ETH_P_ALL = 3;
const FRAME_BYTES = 2048;

/** Captures the packets of an interface. The kernel queues them until they are read. */
export class Capture implements Disposable {
  private readonly fd: number;

  public constructor(namespace: NetworkNamespace, name: string) {
    const { index } = namespace.link(name);
    this.fd = namespace.within(() => openSocket(AF_PACKET, SOCK_RAW, 0));
    bindSocket(this.fd, linkAddress(index));
  }

  /** IP packets since the last call. */
  public frames(): Frame[] {
    const frames: Frame[] = [];
    for (;;) {
      const buffer = new Uint8Array(FRAME_BYTES);
      const length = receiveBytes(this.fd, buffer, MSG_DONTWAIT);
      if (length === undefined) return frames;
      const frame = decodeFrame(buffer.subarray(0, length));
      if (frame !== undefined) frames.push(frame);
    }
  }

  public [Symbol.dispose](): void {
    closeSocket(this.fd);
  }
}

/** `struct sockaddr_ll`, with the protocol in network byte order */
function linkAddress(index: number): Uint8Array {
  const bytes = new Uint8Array(20);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, AF_PACKET, true);
  view.setUint16(2, ETH_P_ALL, false);
  view.setInt32(4, index, true);
  return bytes;
}
