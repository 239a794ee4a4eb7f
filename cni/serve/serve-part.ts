import type { CheckResult } from './check-result';

/**
 * A part of `serve`: something that is looked at, or done, once a second for as long as the pod lives. It is called in
 * the pod's own network namespace, on the main thread, and must not block; what it cannot find out is a problem of its
 * checks, and what it throws ends the process. Its end comes when the process is told to stop.
 */
export interface ServePart extends Partial<Disposable> {
  /**
   * Called well before `check` of the same turn: what takes time to be answered is asked here.
   *
   * @param now milliseconds on a clock that is never set (`performance.now()`)
   */
  ask?(now: number): void;
  /**
   * @param now milliseconds on the same clock
   * @returns each of its checks, whether it found a problem or not
   */
  check?(now: number): readonly CheckResult[];
}
