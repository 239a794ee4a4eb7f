import type { CheckResult } from './check-result';
import type { ServePart } from './serve-part';

/**
 * Milliseconds between the probes and the checks of a turn: enough to detect a silent gateway.
 */
const ANSWER_MS = 600;
const REST_MS = 400;

/** The same for the first turn: a working router becomes ready sooner. */
const FIRST_ANSWER_MS = 30;

/** A loop without a turn for this many milliseconds has stalled. */
const STANDSTILL_MS = 5000;

/** Receives the events of the loop. */
export interface LoopListener {
  /** The results of a turn. */
  found(results: readonly CheckResult[]): void;
  /** A part threw: the loop has ended. */
  failed(error: unknown): void;
}

/** Checks every part once a second. The process has no other timer. */
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
