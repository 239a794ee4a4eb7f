import type { LockSlice } from '../../standby/lock-slice';
import { MAX_PODS } from '../../standby/pair-state';

/** Milliseconds for which an address from which a pod was heard is used. */
const LEARNED_MS = 60_000;

/** Where the other pods of the pair are on the cluster network: where they were heard, or else as the lock says. */
export class PodAddresses {
  private learned: readonly { readonly pod: string; readonly address: string; readonly at: number }[] = [];

  /** A beat of the pod came from there. */
  public heard(pod: string, address: string, now: number): void {
    const others = this.learned.filter((each) => each.pod !== pod && now - each.at < LEARNED_MS);
    this.learned = [{ pod, address, at: now }, ...others].slice(0, MAX_PODS);
  }

  public of(pod: string, slice: LockSlice | undefined, now: number): string | undefined {
    const known = this.learned.find((each) => each.pod === pod);
    if (known !== undefined && now - known.at < LEARNED_MS) return known.address;
    if (slice?.endpoint?.pod === pod) return slice.endpoint.address;
    return slice?.lock.seat === pod ? slice.seatAddress : undefined;
  }
}
