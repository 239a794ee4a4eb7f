import type { NameAnswer } from '../../../src/domain/names/name-answer';
import type { AddressQuestion } from './dns-message';

/** Answers questions for addresses. */
export interface Resolver {
  /** Never rejects. */
  ask(question: AddressQuestion): Promise<NameAnswer>;
}

export interface QuestionLimits {
  /** Questions without an answer yet. */
  readonly mostOpen: number;
  /** Questions that begin in one step. */
  readonly mostPerStep: number;
  /** Milliseconds of a step. */
  readonly stepMs: number;
}

/** Two hundred questions a second, so that a thousand names at start neither fill a server's queue nor its limits. */
export const QUESTION_LIMITS: QuestionLimits = { mostOpen: 32, mostPerStep: 20, stepMs: 100 };

interface Waiting {
  readonly question: AddressQuestion;
  readonly answered: (answer: NameAnswer) => void;
}

/** Passes questions on in their order, a bounded number at once and in a time. */
export class QuestionQueue implements Resolver, Disposable {
  private readonly waiting: Waiting[] = [];
  private open = 0;
  private leftInStep: number;
  private step: ReturnType<typeof setTimeout> | undefined;

  public constructor(
    private readonly resolver: Resolver,
    private readonly limits: QuestionLimits = QUESTION_LIMITS,
  ) {
    this.leftInStep = limits.mostPerStep;
  }

  public ask(question: AddressQuestion): Promise<NameAnswer> {
    return new Promise((answered) => {
      this.waiting.push({ question, answered });
      this.begin();
    });
  }

  public [Symbol.dispose](): void {
    clearTimeout(this.step);
    this.waiting.length = 0;
  }

  private begin(): void {
    while (this.open < this.limits.mostOpen && this.leftInStep > 0) {
      const next = this.waiting.shift();
      if (next === undefined) return;
      this.leftInStep--;
      this.open++;
      this.step ??= setTimeout(() => this.nextStep(), this.limits.stepMs);
      void this.resolver.ask(next.question).then((answer) => {
        this.open--;
        next.answered(answer);
        this.begin();
      });
    }
  }

  private nextStep(): void {
    this.step = undefined;
    this.leftInStep = this.limits.mostPerStep;
    this.begin();
  }
}
