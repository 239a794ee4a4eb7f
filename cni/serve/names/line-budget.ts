/** Lines at once, and the milliseconds after which there is one more. */
const MOST_LINES = 50;
const MS_PER_LINE = 5000;

/** Bounds lines of a log: a name can change as often as its owner wants, and there may be a thousand. */
export class LineBudget {
  private left = MOST_LINES;
  private since: number;
  private leftOut = 0;

  public constructor(private readonly now: () => number = () => performance.now()) {
    this.since = now();
  }

  /**
   * Takes a line out of the budget.
   *
   * @returns how many lines were left out before this one; nothing when this one has to be left out
   */
  public take(): number | undefined {
    const earned = Math.floor((this.now() - this.since) / MS_PER_LINE);
    this.since += earned * MS_PER_LINE;
    this.left = Math.min(MOST_LINES, this.left + earned);
    if (this.left === 0) {
      this.leftOut++;
      return undefined;
    }
    this.left--;
    const { leftOut } = this;
    this.leftOut = 0;
    return leftOut;
  }
}
