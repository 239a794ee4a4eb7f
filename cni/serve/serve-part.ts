import type { CheckResult } from './check-result';

/**
 * A part of `serve`, which runs once a second for the life of the pod. It is called in the pod's own network namespace,
 * on the main thread, and must not block. It reports failures as problems of its checks; an exception ends the process.
 * It is disposed when the process stops.
 */
export interface ServePart extends Partial<Disposable> {
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
