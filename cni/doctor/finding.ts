/** Kinds of faults, the likeliest cause of the others first: the order in which they are told. */
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
  'destination-refuses',
  'destination-silent',
  'path-mtu',
  'promiscuous',
] as const;
export type FindingId = (typeof FINDING_IDS)[number];

/** Something that is wrong with a router. */
export interface Finding {
  readonly id: FindingId;
  /** One sentence. */
  readonly problem: string;
  /** What exactly, where it is several things. */
  readonly details?: readonly string[];
  /** What that does to the router, and what the reason may be. */
  readonly explanation: string;
  /** What to type next, in this order. */
  readonly commands: readonly string[];
}
