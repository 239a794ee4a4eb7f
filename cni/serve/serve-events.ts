import type { CheckResult } from './check-result';

/** One attempt to bring rules from the file into the kernel. */
export interface RuleChange {
  readonly outcome: 'success' | 'failure';
  /** Hash of the configuration that is in force afterwards; absent where the process has not put one in force yet. */
  readonly configHash?: string;
  /** Rules added, removed or retargeted. */
  readonly changedRules: number;
  readonly durationSeconds: number;
  /** Why it failed. */
  readonly error?: string;
}

/** What the parts of `serve` tell whoever counts it. */
export interface ServeEvents {
  /** The checks of this second, each once. */
  checked(results: readonly CheckResult[]): void;
  ruleChange(change: RuleChange): void;
  /** Another host was heard with one of the reserved addresses. */
  conflict(): void;
}
