/** When an examination has to have come to its end. */
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

  /** Whether something that takes so long ends before. */
  public allows(milliseconds: number): boolean {
    return this.remaining >= milliseconds;
  }
}

/** What lets it go on for longer. */
export const MORE_TIME = 'more time: --time-limit=30';
