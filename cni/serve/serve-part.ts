import type { CheckName, CheckResult } from './check-result';

/**
 * A part of `serve`, which runs once a second for the life of the pod. It is called in the pod's own network namespace,
 * on the main thread, and must not block. It reports failures as problems of its checks. An exception with which the
 * system refused a call fails all its checks; any other is a defect, and ends the process. It is disposed when the
 * process stops.
 */
export interface ServePart extends Partial<Disposable> {
  /** The names of its checks. */
  readonly checks: readonly CheckName[];
  /**
   * Called some time before `check` of the same turn, to send probes.
   *
   * @param now milliseconds of a monotonic clock (`performance.now()`)
   */
  ask?(now: number): void;
  /**
   * @param now milliseconds of the same clock
   * @returns the results of its checks, with or without problems
   */
  check?(now: number): readonly CheckResult[];
}
