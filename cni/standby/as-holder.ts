import type { PairEvent } from './pair-event';
import { fenceMs, heardAt, leasedAt, leaseMs, type PairState, type PodView, silence, standbyOf } from './pair-state';
import { ANSWER_MS, API_MS, CLUSTER_MS, GATEWAY_MS, SILENCE_MS } from './pair-timers';
import type { Role } from './role';
import { end, type PairStep, stay, wait, write } from './steps';

type Holder = Extract<Role, { name: 'holder' }>;

/** The pod with the address: gives it back in a higher epoch, mutes when unsure, resigns when it cannot serve. */
export function afterHolder(state: PairState, role: Holder, event: PairEvent, now: number): PairStep {
  if (lostTo(state)) return wait(state, now);
  const standby = standbyOf(state, now);
  if (event.kind === 'terminate') {
    if (standby !== undefined) return resign(state, true, now);
    return end(state, { holder: undefined }, now);
  }
  if (event.kind === 'link-refused') return wait({ ...state, epoch: state.epoch - 1 }, now);
  const seen: Holder = withQuestion(state, role, event, now);
  const held: PairState = seen === role ? state : { ...state, role: seen };
  const asks = seen.askedAt === now && role.askedAt !== now;
  if (isUnsure(held, seen, event, now)) return stay({ ...held, role: { name: 'muted', since: now } });
  if (event.kind === 'look' && cannotServe(held, standby, now)) return resign(held, false, now);
  const written = event.kind === 'look' || event.kind === 'lock' ? writeOwn(held, now) : stay(held);
  return asks ? { ...written, effects: [...written.effects, { kind: 'beat', resigns: false, asks }] } : written;
}

/** Another pod has taken the address since. */
function lostTo({ epoch, ownEpoch, lock, name, pods }: PairState): boolean {
  if (epoch > ownEpoch) return lock?.epoch !== epoch || lock.holder !== name;
  if (lock?.epoch === ownEpoch && lock.holder !== undefined) return lock.holder !== name;
  return pods.some(({ role, epoch: its, name: other }) => role === 'holder' && its === ownEpoch && other > name);
}

/** A pod that was heard so long before the end of a pause, in milliseconds, may have taken over in it. */
const PAUSED_MS = 60_000;

/** Notes a probe of the standby, or a pause of the own process, until the standby has said that it stands by. */
function withQuestion(state: PairState, role: Holder, event: PairEvent, now: number): Holder {
  if (event.kind === 'standby-probed') return { ...role, challengedAt: role.challengedAt ?? now };
  const paused = state.clocksFrom === now && now > role.since;
  const lastHeard = Math.max(state.standbyOnLanAt, ...state.pods.map(({ heardAt }) => heardAt));
  if (paused && role.askedAt !== now && now - lastHeard < PAUSED_MS) return { ...role, askedAt: now };
  const { challengedAt, askedAt, ...rest } = role;
  if (challengedAt === undefined && askedAt === undefined) return role;
  const lease = leasedAt(state);
  const stands = challengedAt === undefined || Math.max(lease, state.standbyOnLanAt) > challengedAt;
  return {
    ...rest,
    ...(stands ? {} : { challengedAt }),
    ...(askedAt === undefined || lease >= askedAt ? {} : { askedAt }),
  };
}

/** Whether the standby may have taken over without this pod's knowledge. */
function isUnsure(state: PairState, { challengedAt, askedAt }: Holder, event: PairEvent, now: number): boolean {
  if (event.kind !== 'look') return false;
  if (challengedAt !== undefined && now - challengedAt >= ANSWER_MS) return true;
  if (askedAt !== undefined) return now - askedAt >= ANSWER_MS;
  if (leaseMs(state, now) > 0) return false;
  if (event.fence === 'latched') return true;
  return silence(state, Math.max(state.standbyOnLanAt, state.gatewayAt), now) >= fenceMs(state, now);
}

/** The own way is broken, and the standby's is not. */
function cannotServe(state: PairState, standby: PodView | undefined, now: number): boolean {
  const hears = standby !== undefined && now - standby.heardAt < SILENCE_MS && standby.gatewayAgo < SILENCE_MS;
  if (hears && silence(state, state.gatewayAt, now) >= GATEWAY_MS) return true;
  // The lock is read only while the other pod is silent.
  const clusterAt = heardAt(state, ['standby', 'probing', 'waiting']);
  return (
    now - state.standbyOnLanAt < SILENCE_MS &&
    silence(state, clusterAt, now) >= CLUSTER_MS &&
    silence(state, Math.max(state.apiAt, clusterAt), now) >= API_MS
  );
}

function resign(state: PairState, ends: boolean, now: number): PairStep {
  return {
    state: { ...state, role: { name: 'resigned', since: now, ends } },
    effects: [{ kind: 'beat', resigns: true, asks: false }],
  };
}

/** Writes the lock until it names this pod. */
function writeOwn(state: PairState, now: number): PairStep {
  const { lock, name, ownEpoch, epoch } = state;
  if (lock === undefined || (lock.holder === name && lock.epoch >= ownEpoch && lock.seat !== name)) {
    return stay(epoch > ownEpoch ? { ...state, ownEpoch: epoch } : state);
  }
  const seat = lock.seat === name ? undefined : lock.seat;
  return write(state, { epoch: ownEpoch, holder: name, seat }, now);
}
