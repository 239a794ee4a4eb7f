import type { CheckResult } from '../check-result';
import type { ServePart } from '../serve-part';
import type { Pair } from './pair';

/** A part that runs only while the pod has the address, and begins anew whenever the pod takes it. */
export class HolderPart implements ServePart {
  private part: ServePart | undefined;

  /** @param checks of the part */
  public constructor(
    public readonly checks: ServePart['checks'],
    private readonly pair: Pair,
    private readonly make: () => ServePart,
  ) {}

  public [Symbol.dispose](): void {
    this.part?.[Symbol.dispose]?.();
  }

  public ask(now: number): void {
    this.current()?.ask?.(now);
  }

  public check(now: number): readonly CheckResult[] {
    return this.current()?.check?.(now) ?? [];
  }

  private current(): ServePart | undefined {
    if (this.pair.state.role.name === 'holder') this.part ??= this.make();
    else {
      this.part?.[Symbol.dispose]?.();
      this.part = undefined;
    }
    return this.part;
  }
}
