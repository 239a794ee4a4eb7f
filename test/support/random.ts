/** Numbers that look random and are the same for the same seed (mulberry32). */
export class Random {
  public constructor(private state: number) {}

  /** From 0 up to, and without, `limit`. */
  public below(limit: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  }

  public oneOf<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  /** True once in so many times. */
  public once(inTimes: number): boolean {
    return this.below(inTimes) === 0;
  }
}
