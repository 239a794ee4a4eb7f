/** The checks of a router, with their names in `/readyz`, the log and the metrics. */
export const CHECK_NAMES = [
  'link',
  'addresses',
  'routes',
  'policy-rules',
  'forwarding',
  'gateway',
  'conflict',
  'rules',
] as const;
export type CheckName = (typeof CHECK_NAMES)[number];

/** The result of a check. */
export interface CheckResult {
  readonly name: CheckName;
  /** All problems, one sentence each; absent if there are none. */
  readonly problems?: readonly string[];
}

export function checkResult(name: CheckName, problems: readonly string[]): CheckResult {
  return problems.length === 0 ? { name } : { name, problems };
}

/** Whether it holds. */
export function holds({ problems }: CheckResult): boolean {
  return problems === undefined;
}

/** Whether the router is ready: it was checked, and every check holds. */
export function isReady(results: readonly CheckResult[]): boolean {
  return results.length > 0 && results.every(holds);
}

/** The problems in one line. */
export function reasonOf({ problems = [] }: CheckResult): string {
  return problems.join('; ');
}
