import type { ShellCommand } from './shell-command';

/** Kinds of findings in the order of reports: the most likely cause of others first. */
export const FINDING_IDS = [
  'configuration',
  'parent-missing',
  'parent-down',
  'no-carrier',
  'link',
  'address',
  'conflict',
  'route',
  'policy-rule',
  'mac-filtered',
  'wrong-subnet',
  'gateway-silent',
  'forwarding',
  'client-route',
  'table',
  'foreign-table',
  'sysctl',
  'connections-exhausted',
  'ports-exhausted',
  'client-limited',
  'health-limited',
  'name-loop',
  'name-refused',
  'name-unresolved',
  'name-stale',
  'destination-on-node',
  'destination-refuses',
  'destination-silent',
  'path-mtu',
  'promiscuous',
] as const;
export type FindingId = (typeof FINDING_IDS)[number];

/** A problem of a router. */
export interface Finding {
  readonly id: FindingId;
  /** One sentence. */
  readonly problem: string;
  /** The individual differences. */
  readonly details?: readonly string[];
  /** The effect on the router, and possible reasons. */
  readonly explanation: string;
  /** The commands to run next, in this order. */
  readonly commands: readonly ShellCommand[];
}
