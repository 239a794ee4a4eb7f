import { waitForInput } from '../ffi/libc';
import type { PacketSocket } from './packet-socket';

/** The number of frames to read after the deadline: they arrived before it, while this process was not running. */
const LATE_FRAMES = 1024;

/**
 * Yields the frames that arrive at the sockets until the deadline, each valid until the next.
 *
 * @param deadline on the scale of `performance.now()`
 * @throws SystemCallError
 */
export function* framesUntil(deadline: number, sockets: readonly PacketSocket[]): Generator<Uint8Array> {
  const fds = sockets.map(({ fd }) => fd);
  for (let late = 0; late < LATE_FRAMES; ) {
    const remaining = deadline - performance.now();
    if (!waitForInput(fds, remaining)) return;
    if (remaining <= 0) late++;
    for (const socket of sockets) {
      const frame = socket.receive();
      if (frame !== undefined) yield frame;
    }
  }
}
