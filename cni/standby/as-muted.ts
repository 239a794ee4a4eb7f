import type { PairEvent } from './pair-event';
import { lanSilence, leasedAt, type PairState, type PodView } from './pair-state';
import { ANSWER_MS, FIRST_PROBES, LEASE_MS, LISTEN_MS, RESIGN_MS, RETURN_MS } from './pair-timers';
import type { Role } from './role';
import { end, type PairStep, stay, wait } from './steps';

type Muted = Extract<Role, { name: 'muted' }>;
type Returning = Extract<Role, { name: 'returning' }>;
type Resigned = Extract<Role, { name: 'resigned' }>;

/** A holder that cannot know whether its standby has taken over, and has set its link down. */
export function afterMuted(state: PairState, { since }: Muted, event: PairEvent, now: number): PairStep {
  if (event.kind === 'terminate') return end(state, undefined, now);
  if (state.epoch > state.ownEpoch) return wait(state, now);
  // An answer to a beat sent since: the standby has heard this pod, and counts its silence anew.
  const lease = leasedAt(state);
  if (lease > since && now - lease < LEASE_MS - ANSWER_MS) {
    return { state: { ...state, role: { name: 'holder', since: lease } }, effects: [{ kind: 'announce' }] };
  }
  if (event.kind !== 'look' || now - Math.max(since, state.clocksFrom) < RETURN_MS) return stay(state);
  if (state.pods.some((pod) => now - pod.heardAt < RETURN_MS && comesFirst(pod, state))) return stay(state);
  return stay({ ...state, role: { name: 'returning', since: now } });
}

/** A holder that was mute, hears no other pod, and listens whether the LAN has another holder. */
export function afterReturning(state: PairState, role: Returning, event: PairEvent, now: number): PairStep {
  if (event.kind === 'terminate') return end(state, undefined, now);
  if (state.epoch > state.ownEpoch || event.kind === 'address-answered') return wait(state, now);
  // The standby asks for the address, too, and comes first.
  if (event.kind === 'standby-probed') return stay({ ...state, role: { name: 'muted', since: now } });
  if (event.kind !== 'look') return stay(state);
  if (state.pods.some((pod) => pod.heardAt > role.since && comesFirst(pod, state))) {
    return stay({ ...state, role: { name: 'muted', since: now } });
  }
  if (lanSilence(state, now) < LISTEN_MS) return stay(state);
  return stay({
    ...state,
    role: { name: 'probing', since: now, from: 'muted', sent: 0, probes: FIRST_PROBES, trusts: true, knownAt: now },
  });
}

/** Whether another pod may have the address, or has the older right to return to it. */
function comesFirst({ role, epoch, name }: PodView, { ownEpoch, name: own }: PairState): boolean {
  if (role === 'muted') return epoch > ownEpoch || (epoch === ownEpoch && name > own);
  return role === 'standby' || role === 'probing' || role === 'holder';
}

/** A holder that has set its link down, and says so until its standby has the address. */
export function afterResigned(state: PairState, role: Resigned, event: PairEvent, now: number): PairStep {
  const { since, ends } = role;
  if (event.kind === 'terminate') return stay({ ...state, role: { ...role, ends: true } });
  const taken = state.epoch > state.ownEpoch;
  if (taken) return ends ? end(state, undefined, now) : wait(state, now);
  if (event.kind !== 'look') return stay(state);
  if (now - since < RESIGN_MS) return { state, effects: [{ kind: 'beat', resigns: true, asks: false }] };
  return ends ? end(state, undefined, now) : stay({ ...state, role: { name: 'muted', since: now } });
}
