/*
 * The times of the sync, in milliseconds.
 */

/** Between two turns of a feed. What a standby does not know of a connection is at least as old. */
export const TURN_MS = 20;
/** Between two words of the holder, and of the standby: a silent peer is noticed. */
export const BEAT_MS = 100;
/** A peer that says nothing for so long is gone. */
export const SILENCE_MS = 3000;
/** In which two pods have to know each other. */
export const HANDSHAKE_MS = 2000;
/** Between two attempts to reach the holder: at first, and at most. */
export const RETRY_MS = 100;
export const MOST_RETRY_MS = 2000;
