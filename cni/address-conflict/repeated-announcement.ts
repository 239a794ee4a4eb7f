import type { IpAddress } from '../../src/domain/values/ip-address';

/**
 * Seconds after a link has come back up in which an announcement is sent, from each of these to the next, with growing
 * pauses. A switch may have lost its table, and a port with spanning tree blocks for the first 30 seconds.
 */
const ROUNDS: readonly (readonly [begin: number, end: number])[] = [
  [0, 4],
  [4, 8],
  [8, 16],
  [16, 32],
  [32, 48],
];

/** Multiples of it, modulo 1, are far from each other, however many there are. */
const GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;

/**
 * The part of each round after which a router announces its addresses, 0 to 1: derived from an address, so that routers
 * of one node, which mostly have addresses next to each other, do not all send at once when their parent comes back.
 */
export function announcementPhase({ bytes }: IpAddress): number {
  const last = bytes.slice(-4).reduce((number, octet) => number * 256 + octet, 0);
  return (last * GOLDEN_RATIO) % 1;
}

/** When to announce the addresses again. Times are milliseconds of a monotonic clock. */
export class RepeatedAnnouncement {
  private pending: number[] = [];

  /**
   * Starts over, even if already running.
   *
   * @param phase where in each round, 0 for its begin
   */
  public begin(now: number, phase = 0): void {
    this.pending = ROUNDS.map(([begin, end]) => now + (begin + phase * (end - begin)) * 1000);
  }

  /** Whether an announcement is due; several missed ones count as one. */
  public isDue(now: number): boolean {
    const before = this.pending.length;
    this.pending = this.pending.filter((at) => at > now);
    return this.pending.length < before;
  }
}
