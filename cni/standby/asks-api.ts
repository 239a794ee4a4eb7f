import { type PairState, silence } from './pair-state';
import { SILENCE_MS } from './pair-timers';

/** Milliseconds for which a pod that is silent makes the other one read the lock. */
const MISSING_MS = 60_000;

/**
 * Whether the lock is to be read, which is otherwise only watched: a watch that says nothing does not show that
 * the API server answers, and a pod that misses one that the lock names has to know.
 */
export function asksApi(state: PairState, now: number): boolean {
  const { lock, name, pods } = state;
  if (lock === undefined) return true;
  return [lock.holder, lock.seat].some((named) => {
    if (named === undefined || named === name) return false;
    const heardAt = pods.find((pod) => pod.name === named)?.heardAt ?? Number.NEGATIVE_INFINITY;
    const silent = silence(state, heardAt, now);
    return silent >= SILENCE_MS && silent < MISSING_MS;
  });
}
