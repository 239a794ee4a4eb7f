import { type CheckResult, checkResult } from './check-result';
import type { ServePart } from './serve-part';
import { systemFailure } from './system-failure';

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
  /** A part has a defect: the loop has ended. */
  failed(error: unknown): void;
}

/** Checks every part once a second. The process has no other timer. */
export class Loop implements Disposable {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private lastTurn = performance.now();
  /** Why parts could not ask in this turn. */
  private readonly notAsked = new Map<ServePart, string>();

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
    this.notAsked.clear();
    for (const part of this.parts) {
      const failure = failureOf(() => part.ask?.(now));
      if (failure !== undefined) this.notAsked.set(part, failure);
    }
    this.after(answerMs, () => this.check());
  }

  private check(): void {
    const now = performance.now();
    this.listener.found(this.parts.flatMap((part) => this.resultsOf(part, now)));
    this.lastTurn = performance.now();
    this.after(REST_MS, () => this.ask(ANSWER_MS));
  }

  /** A part that cannot look has failed. */
  private resultsOf(part: ServePart, now: number): readonly CheckResult[] {
    let results: readonly CheckResult[] = [];
    const failure = failureOf(() => {
      results = part.check?.(now) ?? [];
    });
    const reason = failure ?? this.notAsked.get(part);
    return reason === undefined
      ? results
      : part.checks.map((name) => checkResult(name, [`cannot be checked: ${reason}`]));
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

/** Runs a step of a part. @returns the message of the system's refusal @throws defects */
function failureOf(step: () => void): string | undefined {
  try {
    step();
    return undefined;
  } catch (error) {
    const failure = systemFailure(error);
    if (failure === undefined) throw error;
    return failure;
  }
}
