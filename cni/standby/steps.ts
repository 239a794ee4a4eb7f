import type { PairEffect } from './pair-event';
import type { PairLock } from './pair-lock';
import type { PairState } from './pair-state';

/** What follows from an event. */
export interface PairStep {
  readonly state: PairState;
  readonly effects: readonly PairEffect[];
}

export function stay(state: PairState): PairStep {
  return { state, effects: [] };
}

/** Leaves the pair: the link goes down. */
export function wait(state: PairState, now: number): PairStep {
  return stay({ ...state, role: { name: 'waiting', since: now } });
}

/** Takes the address in a new epoch. */
export function take(state: PairState, now: number): PairStep {
  const epoch = state.epoch + 1;
  const held: PairState = { ...state, epoch, ownEpoch: epoch, role: { name: 'holder', since: now } };
  return { state: held, effects: [{ kind: 'announce' }, { kind: 'beat', resigns: false, asks: false }] };
}

/** Milliseconds after which a write of the lock without an answer is tried again. */
const WRITE_MS = 1000;

/** Writes the lock, one write at a time. */
export function write(state: PairState, change: Partial<PairLock>, now: number): PairStep {
  const over = state.lock;
  if (over === undefined || now - state.writingAt < WRITE_MS) return stay(state);
  return {
    state: { ...state, writingAt: now },
    effects: [writeOver(over, change)],
  };
}

/** Ends with the pod, and gives back what the lock gave it. */
export function end(state: PairState, change: Partial<PairLock> | undefined, now: number): PairStep {
  const ended: PairState = { ...state, role: { name: 'ended', since: now } };
  if (change === undefined || state.lock === undefined) return stay(ended);
  return { state: ended, effects: [writeOver(state.lock, change)] };
}

function writeOver(over: PairLock, change: Partial<PairLock>): PairEffect {
  return { kind: 'write-lock', over, lock: { ...over, ...change, revision: over.revision + 1 } };
}
