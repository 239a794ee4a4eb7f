/** What has to hold for the router to work; the words of `/readyz`, the log and the metrics. */
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

/** What one look at the router found. */
export interface CheckResult {
  readonly name: CheckName;
  /** What is wrong, in one sentence; absent when nothing is. */
  readonly problem?: string;
}
