import type { Identity } from './identity';

/**
 * What a change costs the connections of a router, from nothing to most. A new MAC address is a restart of the pod as well, and
 * whatever else knows the old one has to learn it.
 */
export const COSTS = ['nothing', 'live change', 'pod restart', 'new MAC'] as const;
export type Cost = (typeof COSTS)[number];

/** How one router differs between two sets of manifests. */
export interface RouterChange {
  /** `namespace/name` */
  readonly router: string;
  readonly kind: 'added' | 'removed' | 'changed';
  readonly cost: Cost;
  /** The differences, a line each: `+ 8444 TCP → 203.0.113.27:443`. */
  readonly differences: readonly string[];
  /** What happens, or has to be done, that the manifests do not bring about by themselves. */
  readonly notes: readonly string[];
  /** Who holds what on the LAN before and after, where that differs. */
  readonly identity?: IdentityChange;
}

export interface IdentityChange {
  readonly before: readonly Identity[];
  readonly after: readonly Identity[];
}

/** The differences of two sets of routers. */
export interface Plan {
  /** By the routers' names. */
  readonly changes: readonly RouterChange[];
  /** Routers that are the same in both. */
  readonly unchanged: number;
}
