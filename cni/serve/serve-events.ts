import type { CheckResult } from './check-result';

/** An attempt to apply the file's rules to the kernel. */
export interface RuleChange {
  readonly outcome: 'success' | 'failure';
  /** Hash of the configuration in force afterwards; absent if the process has put none in force yet. */
  readonly configHash?: string;
  /** Rules added, removed or retargeted. */
  readonly changedRules: number;
  readonly durationSeconds: number;
  /** The reason of a failure. */
  readonly error?: string;
}

/** Events of the parts of `serve`, for the metrics. */
export interface ServeEvents {
  /** The results of this second's checks. */
  checked(results: readonly CheckResult[]): void;
  ruleChange(change: RuleChange): void;
  /** Another host was heard with one of the reserved addresses. */
  conflict(): void;
}
