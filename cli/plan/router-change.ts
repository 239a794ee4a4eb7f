import type { Identity } from './identity';

/**
 * The cost of a change for the router's connections, in ascending order. A new MAC address also restarts the pod, and
 * everything that knows the old MAC must learn the new one.
 */
export const COSTS = ['nothing', 'live change', 'pod restart', 'new MAC'] as const;
export type Cost = (typeof COSTS)[number];

/** How one router differs between two sets of manifests. */
export interface RouterChange {
  /** `namespace/name` */
  readonly router: string;
  readonly kind: 'added' | 'removed' | 'changed';
  readonly cost: Cost;
  /** One per line: `+ 8444 TCP → 203.0.113.27:443`. */
  readonly differences: readonly string[];
  /** Effects and manual steps that applying the manifests does not cover. */
  readonly notes: readonly string[];
  /** Addresses and MACs on the LAN before and after, if they differ. */
  readonly identity?: IdentityChange;
}

export interface IdentityChange {
  readonly before: readonly Identity[];
  readonly after: readonly Identity[];
}

/** The changes between two sets of routers. */
export interface RouterChanges {
  /** Sorted by router name. */
  readonly changes: readonly RouterChange[];
  /** The number of unchanged routers. */
  readonly unchanged: number;
}
