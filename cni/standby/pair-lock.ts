/**
 * The lock of a pair, which is its EndpointSlice: it changes by compare-and-swap only. The seat is the right to the
 * standby's MAC address.
 */
export interface PairLock {
  /** Of the lock itself: each write increases it. */
  readonly revision: number;
  readonly epoch: number;
  /** The pod to which the Service leads. */
  readonly holder?: string;
  readonly seat?: string;
}

export const EMPTY_LOCK: PairLock = { revision: 0, epoch: 0 };
