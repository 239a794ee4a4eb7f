import { answersUs } from './observe';
import type { PairEvent } from './pair-event';
import { lanSilence, type PairState, silenceOf } from './pair-state';
import {
  API_MS,
  FIRST_PROBES,
  GAP_MS,
  LISTEN_MS,
  PAUSE_MS,
  PEER_MS,
  PROBE_MS,
  PROBES,
  SILENCE_MS,
  UNTRUSTED_MS,
  WORD_MS,
} from './pair-timers';
import type { Role, RoleName } from './role';
import { end, type PairStep, stay, take, wait } from './steps';

type Standby = Extract<Role, { name: 'standby' }>;
type Probing = Extract<Role, { name: 'probing' }>;

/** A pod that talks to its standby has not lost the address for good. */
const HOLDERS: readonly RoleName[] = ['holder', 'muted'];

/** A pod that hears the holder and the LAN, and takes over when both are silent. */
export function afterStandby(state: PairState, before: Standby, event: PairEvent, now: number): PairStep {
  return decide(state, withAcknowledgement(state, before, event, now), event, now);
}

/**
 * Notes that the holder knows this standby, by its beats or by its questions on the LAN: a holder that does is mute
 * when it hears nothing for `MUTE_MS`. If its process ends, its kernel keeps to that.
 */
function withAcknowledgement(state: PairState, role: Standby, event: PairEvent, now: number): Standby {
  if (event.kind === 'address-answered') return isKnown(role, now) ? { ...role, knownAt: now - GAP_MS } : role;
  if (event.kind !== 'beat' || !HOLDERS.includes(event.beat.role)) return role;
  const { echoSession, echoSentAt } = event.beat;
  if (echoSession !== state.session || echoSentAt < Math.max(role.since, role.knownAt)) return role;
  return { ...role, knownAt: echoSentAt };
}

function isKnown({ knownAt }: Standby, now: number): boolean {
  return now - knownAt < PEER_MS;
}

function decide(before: PairState, role: Standby, event: PairEvent, now: number): PairStep {
  const state: PairState = role === before.role ? before : { ...before, role };
  const { lock, name } = state;
  if (event.kind === 'terminate') return end(state, { seat: undefined }, now);
  if (resigns(state, event, now)) return take(state, now);
  if (lock !== undefined && lock.seat !== name) return wait(state, now);
  if (event.kind === 'address-answered') return stay({ ...state, role: { ...role, trusts: true } });
  if (event.kind !== 'look' || lock === undefined) return stay(state);
  const probes = probesBefore(state, role, now);
  if (probes === undefined) return stay(state);
  return stay({
    ...state,
    role: { ...role, name: 'probing', since: now, from: 'standby', sent: 0, probes },
  });
}

/** How often the LAN is asked before the address is taken; undefined: it is not to be taken. */
function probesBefore(state: PairState, role: Standby, now: number): number | undefined {
  const silent = Math.min(silenceOf(state, HOLDERS, now), lanSilence(state, now));
  if (isVacant(state, now) && silent >= SILENCE_MS) return FIRST_PROBES;
  if (role.trusts) return silent >= (isKnown(role, now) ? SILENCE_MS : LISTEN_MS) ? PROBES : undefined;
  // The LAN may hide the holder from this pod: the holder has the time to be heard, and the API server to name it.
  return silent >= UNTRUSTED_MS && now - state.apiAt < API_MS ? FIRST_PROBES : undefined;
}

/** Whether the pod that the lock names says itself that it does not have the address. */
function isVacant({ lock, name, pods }: PairState, now: number): boolean {
  if (lock?.holder === undefined || lock.holder === name) return true;
  const holder = pods.find((pod) => pod.name === lock.holder);
  return holder?.role === 'waiting' && now - holder.heardAt < SILENCE_MS;
}

/** A pod that asks the LAN whether the address is free. */
export function afterProbing(state: PairState, role: Probing, event: PairEvent, now: number): PairStep {
  const { from, since, sent, probes, trusts, knownAt } = role;
  const back: PairStep = stay({
    ...state,
    role: from === 'standby' ? { name: 'standby', since: now, trusts, knownAt } : { name: 'muted', since: now },
  });
  if (event.kind === 'terminate') return end(state, undefined, now);
  if (from === 'standby' && resigns(state, event, now)) return take(state, now);
  if (event.kind === 'address-answered') return from === 'standby' ? back : wait(state, now);
  if (isDisputed(state, role, event)) return back;
  if (event.kind !== 'look' || now < since + sent * PROBE_MS) return stay(state);
  if (sent < probes) {
    return { state: { ...state, role: { ...role, sent: sent + 1 } }, effects: [{ kind: 'probe' }] };
  }
  return state.gatewayAt > since && now - since < probes * PROBE_MS + PAUSE_MS ? take(state, now) : back;
}

/** Another pod has the address, or asks for it and comes first; or the own process was paused meanwhile. */
function isDisputed({ pods, clocksFrom }: PairState, { from, since }: Probing, event: PairEvent): boolean {
  if (event.kind === 'standby-probed') return from === 'muted';
  return clocksFrom > since || pods.some(({ role, heardAt }) => HOLDERS.includes(role) && heardAt > since);
}

/** The holder has set its link down, and leaves the address to this pod. */
function resigns(state: PairState, event: PairEvent, now: number): boolean {
  if (event.kind !== 'beat' || !event.beat.resigns) return false;
  const { beat } = event;
  const isLatest = state.pods.some(
    ({ name, sentAt, role }) => name === beat.from && sentAt === beat.sentAt && role === 'resigned',
  );
  return isLatest && beat.epoch >= state.epoch && answersUs(state, beat, now, WORD_MS);
}
