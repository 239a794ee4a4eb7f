import type { Beat } from './beat';
import type { PairLock } from './pair-lock';
import { ALONE_MS, BEAT_MS, GAP_MS, LEASE_MS, MUTE_MS, PEER_MS } from './pair-timers';
import type { LanState, Role, RoleName } from './role';

/** Another pod of the pair, as its heartbeats show it. Times are of the own monotonic clock, in milliseconds. */
export interface PodView {
  readonly name: string;
  readonly session: number;
  /** Of the sender's clock: the order of its beats. */
  readonly sentAt: number;
  readonly heardAt: number;
  readonly role: RoleName;
  readonly epoch: number;
  readonly gatewayAgo: number;
  /** When the own beat was sent to which the pod last answered that it stands by. */
  readonly leaseAt: number;
}

/** What a pod of a pair knows. Times are of its monotonic clock, in milliseconds; `-Infinity` is never. */
export interface PairState {
  readonly name: string;
  readonly session: number;
  readonly role: Role;
  /** The highest epoch that the pod knows. */
  readonly epoch: number;
  /** The epoch in which the pod last took the address. */
  readonly ownEpoch: number;
  /** Absent until the API server has answered. */
  readonly lock?: PairLock;
  readonly pods: readonly PodView[];
  readonly gatewayAt: number;
  /** The gateway has answered without a gap since then: what the LAN does not say counts from here. */
  readonly lanFrom: number;
  /** The holder answered on the LAN. */
  readonly holderOnLanAt: number;
  /** The standby asked on the LAN. */
  readonly standbyOnLanAt: number;
  readonly apiAt: number;
  /** The seat has its present owner. */
  readonly seatAt: number;
  /** The lock is being written since then. */
  readonly writingAt: number;
  /** The last event. */
  readonly ranAt: number;
  /** No silence is older: the process was paused before. */
  readonly clocksFrom: number;
}

/** Pods whose heartbeats are kept: a holder, its standby, and those that come and go at a rollout. */
export const MAX_PODS = 4;

/** What the kernel has when the process starts. */
export interface PairStart {
  readonly name: string;
  readonly session: number;
  readonly lan: LanState;
  /** In which the address was taken; 0 without the address. */
  readonly epoch: number;
  /** Whether the kernel has muted the address since the last process ran. */
  readonly isFenced: boolean;
}

/** The state at the start of the process, which does not move the address. */
export function startState({ name, session, lan, epoch, isFenced }: PairStart, now: number): PairState {
  const never = Number.NEGATIVE_INFINITY;
  const since = now;
  const held: Role = isFenced ? { name: 'muted', since } : { name: 'holder', since };
  const role: Role = lan === 'held' ? held : { name: 'waiting', since };
  return {
    name,
    session,
    role,
    epoch,
    ownEpoch: epoch,
    pods: [],
    gatewayAt: never,
    lanFrom: never,
    holderOnLanAt: never,
    standbyOnLanAt: never,
    apiAt: never,
    seatAt: never,
    writingAt: never,
    ranAt: now,
    clocksFrom: now,
  };
}

/** Milliseconds of silence. A pause of the own process does not count. */
export function silence(state: PairState, at: number, now: number): number {
  return now - Math.max(at, state.clocksFrom, state.role.since);
}

/** Milliseconds for which the LAN was heard, and no holder on it. */
export function lanSilence(state: PairState, now: number): number {
  return gatewayAnswers(state, now) ? silence(state, Math.max(state.holderOnLanAt, state.lanFrom), now) : 0;
}

/** Milliseconds since a pod in one of the roles was heard. */
export function silenceOf(state: PairState, roles: readonly RoleName[], now: number): number {
  return silence(state, heardAt(state, roles), now);
}

/** When a pod in one of the roles was last heard. */
export function heardAt({ pods }: PairState, roles: readonly RoleName[]): number {
  return Math.max(...pods.map((pod) => (roles.includes(pod.role) ? pod.heardAt : Number.NEGATIVE_INFINITY)));
}

/** The pod that may take over, in these roles. */
const STANDBYS: readonly RoleName[] = ['standby', 'probing'];

/** The pod that stands by, unless it is gone. */
export function standbyOf({ pods }: PairState, now: number): PodView | undefined {
  return pods.find((pod) => STANDBYS.includes(pod.role) && now - pod.heardAt <= PEER_MS);
}

/**
 * Milliseconds without a frame of the gateway or the standby after which the kernel mutes the address, also while no
 * process runs; 0: at once.
 */
export function fenceMs(state: PairState, now: number): number {
  const { role, standbyOnLanAt, clocksFrom } = state;
  if (role.name === 'holder' && role.askedAt !== undefined) return 0;
  return now - Math.max(heardAt(state, STANDBYS), standbyOnLanAt, clocksFrom) <= PEER_MS ? MUTE_MS : ALONE_MS;
}

/** Milliseconds for which the standby cannot have taken over, since it has answered that it stands by. */
export function leaseMs(state: PairState, now: number): number {
  return Math.max(0, leasedAt(state) + LEASE_MS - now);
}

/** When the last own beat was sent to which a pod has answered that it stands by. */
export function leasedAt({ pods }: PairState): number {
  return Math.max(...pods.map(({ leaseAt }) => leaseAt));
}

function gatewayAnswers(state: PairState, now: number): boolean {
  return now - state.gatewayAt < GAP_MS;
}

/** What the pod says to another. */
export function beatTo(state: PairState, to: string, now: number, more: Pick<Beat, 'asks' | 'resigns'>): Beat {
  const heard = state.pods.find(({ name }) => name === to);
  return {
    from: state.name,
    session: state.session,
    sentAt: now,
    echoSession: heard?.session ?? 0,
    echoSentAt: heard?.sentAt ?? 0,
    role: state.role.name,
    epoch: state.epoch,
    gatewayAgo: Math.min(now - state.gatewayAt, 100 * BEAT_MS),
    ...more,
  };
}
