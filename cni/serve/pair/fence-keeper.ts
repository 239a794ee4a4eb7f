import { fenceMs, leaseMs, type PairState } from '../../standby/pair-state';
import type { AddressFence } from './address-fence';

/**
 * Milliseconds without a frame of the standby or a gateway after which the kernel is asked whether it has muted the
 * address: before, it cannot have.
 */
const HEARD_MS = 100;

/** Keeps the kernel's fence as the state says, and asks it no more often than needed. */
export class FenceKeeper {
  /** When a frame was heard that renews the fence. */
  private heardAt = Number.NEGATIVE_INFINITY;
  private isLatched = false;
  /** The time that the state wants, which may be longer than what the kernel has. */
  private wanted: number | undefined;

  public constructor(private readonly fence: AddressFence) {}

  /** Before the address is used in a new epoch, or again in the same one. */
  public raise(state: PairState, isTaken: boolean, now: number): void {
    const ms = fenceMs(state, now);
    this.fence.raise(state.ownEpoch, isTaken ? ms : Math.min(ms, leaseMs(state, now)));
    [this.wanted, this.isLatched, this.heardAt] = [ms, false, now];
  }

  /** A frame came from the standby or a gateway. */
  public heard(now: number): void {
    this.heardAt = now;
  }

  /** Whether the kernel has muted the address. @param paused whether this process stood still since the last look */
  public latched(paused: boolean, now: number): boolean {
    if (this.isLatched || paused || now - this.heardAt > HEARD_MS) this.isLatched = this.fence.isLatched();
    return this.isLatched;
  }

  /** Sets the time of a holder's fence. */
  public arm(state: PairState, now: number): void {
    if (state.role.name !== 'holder') return;
    const ms = fenceMs(state, now);
    // Muted: what the standby has said counts, not a silent LAN.
    if (this.isLatched) this.set(Math.min(ms, leaseMs(state, now)));
    else if (ms !== this.wanted || (this.fence.milliseconds !== ms && now - this.heardAt < HEARD_MS)) this.set(ms);
    this.wanted = ms;
  }

  private set(milliseconds: number): void {
    if (milliseconds === 0 && this.fence.milliseconds === 0) return;
    this.fence.change(milliseconds);
    this.isLatched = milliseconds === 0;
  }
}
