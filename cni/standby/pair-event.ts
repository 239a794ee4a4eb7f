import type { Beat } from './beat';
import type { PairLock } from './pair-lock';

/** What a pod of a pair observes. */
export type PairEvent =
  /** Every `LOOK_MS`. */
  | { readonly kind: 'look'; readonly fence?: 'latched' }
  /** An authenticated heartbeat. */
  | { readonly kind: 'beat'; readonly beat: Beat }
  /** The gateway answered on the LAN. */
  | { readonly kind: 'gateway-answered' }
  /** Another host answered for the reserved address. */
  | { readonly kind: 'address-answered' }
  /** The standby asked the holder on the LAN. */
  | { readonly kind: 'standby-asked' }
  /** The standby's MAC address asked the whole LAN for the address. */
  | { readonly kind: 'standby-probed' }
  /** The lock as the API server has it. */
  | { readonly kind: 'lock'; readonly lock: PairLock }
  /** The API server did not answer. */
  | { readonly kind: 'lock-failed' }
  /** The kernel refused what the role needs. */
  | { readonly kind: 'link-refused' }
  /** The pod is being deleted. */
  | { readonly kind: 'terminate' };

/** What a pod of a pair does, besides setting its link as its role says. */
export type PairEffect =
  | { readonly kind: 'beat'; readonly resigns: boolean; readonly asks: boolean }
  /** Broadcasts a probe for the address, and asks the gateway. */
  | { readonly kind: 'probe' }
  /** Announces the address on the LAN. */
  | { readonly kind: 'announce' }
  /** Replaces the lock, if it is still `over`. */
  | { readonly kind: 'write-lock'; readonly over: PairLock; readonly lock: PairLock };
