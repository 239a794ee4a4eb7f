import type { Beat } from './beat';
import type { PairEvent } from './pair-event';
import type { PairLock } from './pair-lock';
import { MAX_PODS, type PairState, type PodView } from './pair-state';
import { GAP_MS, PAUSE_MS, RESIGN_MS } from './pair-timers';

/** Notes what an event says, without deciding anything. */
export function observe(state: PairState, event: PairEvent, now: number): PairState {
  const paused = now - state.ranAt > PAUSE_MS;
  const at: PairState = { ...state, ranAt: now, clocksFrom: paused ? now : state.clocksFrom };
  switch (event.kind) {
    case 'beat':
      return withBeat(at, event.beat, now);
    case 'gateway-answered':
      return { ...at, gatewayAt: now, lanFrom: now - at.gatewayAt > GAP_MS ? now : at.lanFrom };
    case 'address-answered':
      return { ...at, holderOnLanAt: now };
    case 'standby-asked':
      return { ...at, standbyOnLanAt: now };
    case 'lock':
      return withLock({ ...at, apiAt: now, writingAt: Number.NEGATIVE_INFINITY }, event.lock, now);
    case 'lock-failed':
      return { ...at, writingAt: Number.NEGATIVE_INFINITY };
    default:
      return at;
  }
}

/** An answer of the API server may overtake an older one. */
function withLock(state: PairState, lock: PairLock, now: number): PairState {
  const before = state.lock;
  if (before !== undefined && lock.revision < before.revision) return state;
  const seatAt = before?.seat === lock.seat ? state.seatAt : now;
  return { ...state, lock, seatAt, epoch: Math.max(state.epoch, lock.epoch) };
}

/**
 * Whether a beat answers this process. The first one of a session must: a recorded session that is
 * played again does not.
 */
export function answersUs(state: PairState, { echoSession, echoSentAt }: Beat, now: number, withinMs: number): boolean {
  return echoSession === state.session && echoSentAt <= now && now - echoSentAt <= withinMs;
}

function withBeat(state: PairState, beat: Beat, now: number): PairState {
  if (beat.from === state.name) return state;
  const known = state.pods.find(({ name }) => name === beat.from);
  const isNew = known === undefined || known.session !== beat.session;
  if (!isNew && beat.sentAt <= known.sentAt) return state;
  const wasConfirmed = !isNew && known.heardAt > Number.NEGATIVE_INFINITY;
  const isConfirmed = wasConfirmed || answersUs(state, beat, now, RESIGN_MS);
  const stands = beat.role === 'standby' && beat.echoSession === state.session;
  const view: PodView = {
    name: beat.from,
    session: beat.session,
    sentAt: beat.sentAt,
    heardAt: isConfirmed ? now : Number.NEGATIVE_INFINITY,
    role: beat.role,
    epoch: beat.epoch,
    gatewayAgo: beat.gatewayAgo,
    leaseAt: stands ? beat.echoSentAt : Number.NEGATIVE_INFINITY,
  };
  const others = state.pods.filter(({ name }) => name !== beat.from);
  const pods = [view, ...others].slice(0, MAX_PODS);
  const epoch = isConfirmed ? Math.max(state.epoch, beat.epoch) : state.epoch;
  return { ...state, pods, epoch };
}
