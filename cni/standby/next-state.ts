import { afterHolder } from './as-holder';
import { afterMuted, afterResigned, afterReturning } from './as-muted';
import { afterProbing, afterStandby } from './as-standby';
import { afterWaiting } from './as-waiting';
import type { Beat } from './beat';
import { observe } from './observe';
import type { PairEvent } from './pair-event';
import type { PairState } from './pair-state';
import type { PairStep } from './steps';

/**
 * The whole decision of a pair: which pod has the address. It has no clock, no network and no memory of its own.
 *
 * @param now milliseconds of the pod's monotonic clock
 */
export function nextState(state: PairState, event: PairEvent, now: number): PairStep {
  const before = observe(state, event, now);
  const step = after(before, event, now);
  if (event.kind !== 'beat') return step;
  // A new process learns at once whether another pod took the address while none ran.
  const asks = isUnconfirmed(before, event.beat);
  return event.beat.asks || asks
    ? { ...step, effects: [...step.effects, { kind: 'beat', resigns: false, asks }] }
    : step;
}

function isUnconfirmed({ pods }: PairState, { from }: Beat): boolean {
  return pods.some(({ name, heardAt }) => name === from && heardAt === Number.NEGATIVE_INFINITY);
}

function after(state: PairState, event: PairEvent, now: number): PairStep {
  switch (state.role.name) {
    case 'waiting':
      return afterWaiting(state, event, now);
    case 'standby':
      return afterStandby(state, state.role, event, now);
    case 'probing':
      return afterProbing(state, state.role, event, now);
    case 'holder':
      return afterHolder(state, state.role, event, now);
    case 'muted':
      return afterMuted(state, state.role, event, now);
    case 'returning':
      return afterReturning(state, state.role, event, now);
    case 'resigned':
      return afterResigned(state, state.role, event, now);
    case 'ended':
      return { state, effects: [] };
  }
}
