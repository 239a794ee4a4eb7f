/** Milliseconds before the first retry, and the most before any. */
const FIRST_MS = 1000;
const MOST_MS = 30_000;

/**
 * Milliseconds before a request is made again. Half of them are drawn, so that the pods of a cluster do not all ask an
 * API server at once that has just come back.
 *
 * @param failures in a row, from 0
 * @param draw from 0 to 1
 */
export function retryMs(failures: number, draw: number = Math.random()): number {
  return Math.min(FIRST_MS * 2 ** failures, MOST_MS) * (0.5 + draw / 2);
}
