/** The deadline of an examination. */
export class TimeLimit {
  private constructor(
    /** On the scale of `performance.now()`. */
    private readonly end: number,
  ) {}

  public static in(milliseconds: number): TimeLimit {
    return new TimeLimit(performance.now() + milliseconds);
  }

  /** Milliseconds. */
  public get remaining(): number {
    return Math.max(0, this.end - performance.now());
  }

  /** Whether a step of that duration ends before the deadline. */
  public allows(milliseconds: number): boolean {
    return this.remaining >= milliseconds;
  }
}

/** The flag for more time. */
export const MORE_TIME = 'more time: --time-limit=30';
