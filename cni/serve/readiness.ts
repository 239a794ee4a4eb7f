import type { CheckResult } from './check-result';
import type { ServeLog } from './serve-log';

/** What the last look found, and the log of what has changed. */
export class Readiness {
  private last: readonly CheckResult[] = [];

  public constructor(private readonly log: ServeLog) {}

  /** Each check of the last look; none before the first. */
  public get results(): readonly CheckResult[] {
    return this.last;
  }

  /** Takes what a look found, and logs each change once. */
  public update(results: readonly CheckResult[]): void {
    const before = this.last;
    this.last = results;
    for (const { name, problem } of results) this.logCheck(name, problem, before);
    if (before.length > 0 && isReady(before) === isReady(results)) return;
    if (isReady(results)) this.log.info('ready');
    else this.log.warn('not ready', { failed: failedNames(results) });
  }

  /** The reason may go on changing; that it holds no more, or again, is the news. */
  private logCheck(check: string, reason: string | undefined, before: readonly CheckResult[]): void {
    const failedBefore = before.some(({ name, problem }) => name === check && problem !== undefined);
    if (reason !== undefined && !failedBefore) this.log.warn('check failed', { check, reason });
    if (reason === undefined && failedBefore) this.log.info('check holds again', { check });
  }
}

/** Whether the router works. */
function isReady(results: readonly CheckResult[]): boolean {
  return results.length > 0 && failedNames(results).length === 0;
}

function failedNames(results: readonly CheckResult[]): string[] {
  return results.filter(({ problem }) => problem !== undefined).map(({ name }) => name);
}
