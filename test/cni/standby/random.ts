/** A small generator with a seed, so that each schedule can be run again. */
export class Random {
  public constructor(private state: number) {}

  /** In [0, 1). */
  public next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let value = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 0x1_0000_0000;
  }

  /** From `low` to below `high`. */
  public between(low: number, high: number): number {
    return low + this.next() * (high - low);
  }

  public chance(probability: number): boolean {
    return this.next() < probability;
  }

  public pick<T>(values: readonly T[]): T {
    return values[Math.floor(this.next() * values.length)]!;
  }
}
