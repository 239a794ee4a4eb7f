import { type CheckName, type CheckResult, holds, isReady, isWarning, reasonOf } from './check-result';
import type { ServeLog } from './serve-log';

/**
 * The most problems that are logged for one failure: a problem may name the MAC of a conflict, and any MAC can be sent.
 */
const MOST_PROBLEMS = 100;

/** Keeps the results of the last checks, and logs changes. */
export class Readiness {
  private last: readonly CheckResult[] = [];
  /** What was logged of each check since it fails. */
  private readonly logged = new Map<CheckName, Set<string>>();

  public constructor(private readonly log: ServeLog) {}

  /** The results of the last checks; empty before the first. */
  public get results(): readonly CheckResult[] {
    return this.last;
  }

  /** Records the results of the checks, and logs each change once. */
  public update(results: readonly CheckResult[]): void {
    const before = this.last;
    this.last = results;
    for (const result of results) this.logCheck(result);
    if (before.length > 0 && isReady(before) === isReady(results)) return;
    if (isReady(results)) this.log.info('ready');
    else this.log.warn('not ready', { failed: results.filter(isFailed).map(({ name }) => name) });
  }

  /** Another problem of a failed check is logged once; the end of one of several is not logged. */
  private logCheck(result: CheckResult): void {
    const { name: check, problems = [] } = result;
    const logged = this.logged.get(check) ?? new Set();
    if (problems.length === 0) {
      if (this.logged.delete(check)) this.log.info('check holds again', { check });
      return;
    }
    const news = problems.filter((problem) => !logged.has(problem));
    if (news.length === 0 || logged.size >= MOST_PROBLEMS) return;
    for (const problem of news) logged.add(problem);
    this.logged.set(check, logged);
    this.log.warn('check failed', { check, reason: reasonOf(result) });
  }
}

/** Whether it makes the router unready. */
function isFailed(result: CheckResult): boolean {
  return !holds(result) && !isWarning(result);
}
