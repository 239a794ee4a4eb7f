import type { CheckResult } from './check-result';
import type { ServePart } from './serve-part';

/**
 * Of a turn's second, how long after the questions the answers are looked at: a silent gateway is known as such by
 * then.
 */
const ANSWER_MS = 600;
const REST_MS = 400;

/** A router that works is ready at once, not after the first turn's answers have had all their time. */
const FIRST_ANSWER_MS = 30;

/** A loop that has not turned for so long does not turn any more. */
const STANDSTILL_MS = 5000;

/** Whom the loop tells. */
export interface LoopListener {
  /** Each check of a turn, once. */
  found(results: readonly CheckResult[]): void;
  /** A part threw: the loop has ended. */
  failed(error: unknown): void;
}

/** Looks at every part once a second. Nothing else in the process wakes up by itself. */
export class Loop implements Disposable {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private lastTurn = performance.now();

  public constructor(
    private readonly parts: readonly ServePart[],
    private readonly listener: LoopListener,
  ) {}

  public start(): void {
    this.attempt(() => this.ask(FIRST_ANSWER_MS));
  }

  public isRunning(): boolean {
    return performance.now() - this.lastTurn < STANDSTILL_MS;
  }

  public [Symbol.dispose](): void {
    clearTimeout(this.timer);
  }

  private ask(answerMs: number): void {
    const now = performance.now();
    for (const part of this.parts) part.ask?.(now);
    this.after(answerMs, () => this.check());
  }

  private check(): void {
    const now = performance.now();
    this.listener.found(this.parts.flatMap((part) => part.check?.(now) ?? []));
    this.lastTurn = performance.now();
    this.after(REST_MS, () => this.ask(ANSWER_MS));
  }

  private after(milliseconds: number, step: () => void): void {
    this.timer = setTimeout(() => this.attempt(step), milliseconds);
  }

  private attempt(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.listener.failed(error);
    }
  }
}
