import { waitForInput } from '../ffi/libc';
import type { PacketSocket } from './packet-socket';

/** Frames that are still read when the time is over: they arrived before, while this process was not running. */
const LATE_FRAMES = 1024;

/**
 * What arrives at the sockets until then, each valid until the next.
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
