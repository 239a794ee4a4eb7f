import { printableText } from '../../src/domain/input/printable-text';

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
  'names',
  'pair',
  'sync',
] as const;
export type CheckName = (typeof CHECK_NAMES)[number];

/**
 * Checks that are reported and do not make the router unready. Any host can claim an address: if a claim sufficed, two
 * forged frames would take the router out of its Service.
 */
const ADVISORY: readonly CheckName[] = ['conflict'];

/** The result of a check. */
export interface CheckResult {
  readonly name: CheckName;
  /** All problems, one sentence each; absent if there are none. */
  readonly problems?: readonly string[];
  /** Whether they do not make the router unready; absent: as all problems of the check do. */
  readonly onlyWarns?: boolean;
  /** What it found besides, for `/readyz?verbose`. */
  readonly note?: string;
}

/** @param problems are truncated, because they may quote other programs and hosts */
export function checkResult(name: CheckName, problems: readonly string[], onlyWarns = false): CheckResult {
  if (problems.length === 0) return { name };
  const printed = problems.map((problem) => printableText(problem));
  return { name, problems: printed, ...(onlyWarns ? { onlyWarns } : {}) };
}

/** Whether it holds. */
export function holds({ problems }: CheckResult): boolean {
  return problems === undefined;
}

/** Whether it fails without making the router unready. */
export function isWarning(result: CheckResult): boolean {
  return !holds(result) && (result.onlyWarns === true || ADVISORY.includes(result.name));
}

/** Whether the router is ready: it was checked, and every check holds or only warns. */
export function isReady(results: readonly CheckResult[]): boolean {
  return results.length > 0 && results.every((result) => holds(result) || isWarning(result));
}

/** The problems in one line. */
export function reasonOf({ problems = [] }: CheckResult): string {
  return problems.join('; ');
}
