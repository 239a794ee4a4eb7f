import type { PairEvent } from './pair-event';
import type { PairLock } from './pair-lock';
import { type PairState, silence } from './pair-state';
import { SEAT_MS } from './pair-timers';
import { end, type PairStep, stay, write } from './steps';

/** A pod without a seat: takes it when it is free. */
export function afterWaiting(state: PairState, event: PairEvent, now: number): PairStep {
  if (event.kind === 'terminate') return end(state, undefined, now);
  const { lock, name } = state;
  if (lock === undefined) return stay(state);
  if (lock.seat === name) {
    return stay({ ...state, role: { name: 'standby', since: now, trusts: false, knownAt: Number.NEGATIVE_INFINITY } });
  }
  return seatIsFree(state, lock, now) ? write(state, { seat: name }, now) : stay(state);
}

function seatIsFree(state: PairState, { seat }: PairLock, now: number): boolean {
  if (seat === undefined) return true;
  const heardAt = state.pods.find(({ name }) => name === seat)?.heardAt ?? Number.NEGATIVE_INFINITY;
  return silence(state, Math.max(heardAt, state.seatAt), now) >= SEAT_MS;
}
