/**
 * After a link has come back, seconds: at once, and ever rarer. A switch may have lost what it knew, and a port with
 * spanning tree passes nothing for the first 30 seconds.
 */
const SECONDS = [0, 1, 2, 4, 8, 16, 32] as const;

/** When to announce the addresses again, and how often. Milliseconds of a clock that nobody sets. */
export class RepeatedAnnouncement {
  private pending: number[] = [];

  /** From the beginning, also when it was under way. */
  public begin(now: number): void {
    this.pending = SECONDS.map((seconds) => now + seconds * 1000);
  }

  /** Whether an announcement is due; several that were missed are one. */
  public isDue(now: number): boolean {
    const before = this.pending.length;
    this.pending = this.pending.filter((at) => at > now);
    return this.pending.length < before;
  }
}
