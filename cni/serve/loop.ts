import type { CheckResult } from './check-result';
import type { ServePart } from './serve-part';

/** Of a turn's second, how long after the questions the answers are looked at. */
const ANSWER_MS = 600;
const REST_MS = 400;

/** A router that works is ready at once, not after the first turn's answers have had all their time. */
const FIRST_ANSWER_MS = 30;

/** Looks at every part once a second. Nothing else in the process wakes up by itself. */
export class Loop implements Disposable {
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** When the last turn was over, on the clock of `performance.now()`; nothing before the first. */
  public lastTurn: number | undefined;

  /** @param found told of each turn's results, each check once */
  public constructor(
    private readonly parts: readonly ServePart[],
    private readonly found: (results: readonly CheckResult[]) => void,
  ) {}

  public start(): void {
    this.ask(FIRST_ANSWER_MS);
  }

  public [Symbol.dispose](): void {
    clearTimeout(this.timer);
  }

  private ask(answerMs: number): void {
    this.timer = setTimeout(() => this.check(), answerMs);
    const now = performance.now();
    for (const part of this.parts) part.ask?.(now);
  }

  private check(): void {
    this.timer = setTimeout(() => this.ask(ANSWER_MS), REST_MS);
    const now = performance.now();
    this.found(this.parts.flatMap((part) => part.check?.(now) ?? []));
    this.lastTurn = performance.now();
  }
}
