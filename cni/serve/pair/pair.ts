import { randomInt } from 'node:crypto';
import type { IpAddress } from '../../../src/domain/values/ip-address';
import { NetlinkError } from '../../netlink/netlink-error';
import { asksApi } from '../../standby/asks-api';
import type { Beat } from '../../standby/beat';
import type { BeatRefusal } from '../../standby/beat-message';
import { nextState } from '../../standby/next-state';
import type { PairEffect, PairEvent } from '../../standby/pair-event';
import { beatTo, fenceMs, type PairState, startState } from '../../standby/pair-state';
import { ALONE_MS, BEAT_MS, LOOK_MS, PAUSE_MS } from '../../standby/pair-timers';
import { type LanState, lanState } from '../../standby/role';
import type { ServeLog } from '../serve-log';
import type { AddressFence } from './address-fence';
import type { BeatChannel } from './beat-channel';
import { FenceKeeper } from './fence-keeper';
import type { PairConnections } from './pair-connections';
import type { PairLan } from './pair-lan';
import type { PairSlices } from './pair-slices';
import { PodAddresses } from './pod-addresses';
import type { RoleLink } from './role-link';

/** What a pod of a pair works with. */
export interface PairParts {
  /** Of this pod. */
  readonly name: string;
  readonly link: RoleLink;
  readonly fence: AddressFence;
  readonly lan: PairLan;
  readonly beats: Pick<BeatChannel, 'send'>;
  readonly slices: PairSlices;
  readonly connections: PairConnections;
  readonly log: ServeLog;
}

/** Milliseconds by which a look may be late before what waits in the sockets is taken first. */
const LATE_MS = LOOK_MS;
/** Milliseconds between two readings of a lock that is missed. */
const READ_MS = 500;
/** Milliseconds after which a link that the kernel refused is tried again. */
const REFUSED_MS = 1000;

/**
 * The process' part of a pair: gives the decision of `cni/standby` what happens on the LAN, on the cluster network and
 * at the API server, and does what it decides. It looks at its clocks fifty times a second.
 */
export class Pair implements Disposable {
  private current: PairState;
  private lanIs: LanState;
  /** Of the kernel's fence. */
  private epoch: number;
  private readonly keeper: FenceKeeper;
  private readonly pods = new PodAddresses();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private dueAt = 0;
  private beatAt = 0;
  private readAt = 0;
  private refused: { readonly at: number; readonly problem: string } | undefined;
  private failed: (error: unknown) => void = () => {};
  private hasEnded: () => void = () => {};
  /** Beats that were refused, by reason. */
  public readonly refusals = new Map<BeatRefusal, number>();
  /** How often this process has taken the address. */
  public takeovers = 0;

  /** @throws ServeError on a kernel without the fence */
  public constructor(private readonly parts: PairParts) {
    const { name, link, fence } = parts;
    this.keeper = new FenceKeeper(fence);
    const found = fence.read();
    this.epoch = found.epoch;
    this.lanIs = link.read();
    const start = {
      name,
      session: randomInt(1, 2 ** 47),
      lan: this.lanIs,
      epoch: found.epoch,
      isFenced: found.isLatched,
    };
    this.current = startState(start, performance.now());
    // Tries the kernel, while no address depends on it.
    if (this.lanIs !== 'held') fence.raise(found.epoch, ALONE_MS);
  }

  public [Symbol.dispose](): void {
    clearTimeout(this.timer);
  }

  public get state(): PairState {
    return this.current;
  }

  /** What the kernel refused of the link, as a sentence. */
  public get problem(): string | undefined {
    return this.refused?.problem;
  }

  /** Whether the gateway has answered since then. */
  public hears(gateway: IpAddress, since: number): boolean {
    return this.parts.lan.hears(gateway, since);
  }

  /** @param failed hears of a defect: the pair has ended */
  public start(failed: (error: unknown) => void): void {
    this.failed = failed;
    this.attempt(() => {
      this.setLink(performance.now());
      this.parts.slices.follow();
      this.turn();
    });
  }

  /** Leaves the address to the standby, if there is one. @returns when the pod has neither address nor seat */
  public end(): Promise<void> {
    const ended = new Promise<void>((resolve) => {
      this.hasEnded = resolve;
    });
    this.attempt(() => this.happens({ kind: 'terminate' }));
    if (this.current.role.name === 'ended') this.hasEnded();
    return ended;
  }

  public heard(beat: Beat, from: string): void {
    this.attempt(() => {
      const now = performance.now();
      const isKnown = this.pods.of(beat.from, this.parts.slices.slice, now) !== undefined;
      if (!isKnown) this.pods.heard(beat.from, from, now);
      this.happens({ kind: 'beat', beat });
      // Not of a beat that was recorded and sent again from elsewhere.
      if (isLatest(this.current, beat)) this.pods.heard(beat.from, from, now);
    });
  }

  public refusedBeat(reason: BeatRefusal): void {
    this.refusals.set(reason, (this.refusals.get(reason) ?? 0) + 1);
  }

  /** The lock was read, or could not be. */
  public learns(event: Extract<PairEvent, { readonly kind: 'lock' | 'lock-failed' }>): void {
    this.attempt(() => this.happens(event));
  }

  private attempt(step: () => void): void {
    try {
      step();
    } catch (error) {
      clearTimeout(this.timer);
      this.failed(error);
    }
  }

  private again(milliseconds: number): void {
    this.dueAt = performance.now() + milliseconds;
    this.timer = setTimeout(() => this.attempt(() => this.turn()), milliseconds);
  }

  private turn(): void {
    const now = performance.now();
    const { lan } = this.parts;
    // After a pause the timer comes before the beats that waited for this process.
    if (now - this.dueAt > LATE_MS && this.dueAt > 0) {
      this.dueAt = 0;
      this.timer = setTimeout(() => this.attempt(() => this.turn()), 1);
      return;
    }
    for (const frame of lan.read(now)) {
      if (frame.kind === 'gateway-answered') this.parts.fence.heardGateway(frame.mac);
      if (frame.kind === 'gateway-answered' || frame.kind === 'standby-asked') this.keeper.heard(now);
      this.happens({ kind: frame.kind });
    }
    this.look();
    if (now >= this.beatAt) {
      this.beatAt = now + BEAT_MS;
      this.say({ resigns: false, asks: false });
      lan.ask(this.lanIs, now);
      this.directConnections(now);
    }
    if (this.lanIs === 'held') lan.announceIfDue(now);
    if (now >= this.readAt && asksApi(this.current, now)) {
      this.readAt = now + READ_MS;
      this.parts.slices.read();
    }
    if (this.current.role.name === 'ended') this.hasEnded();
    else this.again(LOOK_MS);
  }

  private look(): void {
    const now = performance.now();
    const paused = now - this.current.ranAt > PAUSE_MS;
    const latched = this.lanIs === 'held' && this.keeper.latched(paused, now);
    this.happens({ kind: 'look', ...(latched ? { fence: 'latched' } : {}) });
    if (this.lanIs !== 'held') return;
    // The lock may have confirmed the address in a later epoch.
    if (!latched && this.epoch !== this.current.ownEpoch) this.raiseFence(true, now);
    this.keeper.arm(this.current, performance.now());
  }

  private happens(event: PairEvent): void {
    const now = performance.now();
    const before = this.current;
    const { state, effects } = nextState(before, event, now);
    this.current = state;
    const [from, to] = [before.role.name, state.role.name];
    if (from !== to) this.parts.log.info(`${to} of the address`, { was: from, on: event.kind, epoch: state.ownEpoch });
    this.setLink(now);
    if (this.lanIs === 'held' && fenceMs(state, now) !== fenceMs(before, now)) this.keeper.arm(state, now);
    for (const effect of effects) this.perform(effect, now);
    if (to !== 'holder' || from === 'holder' || this.lanIs !== 'held') return;
    // The lock is written once the kernel has accepted the address.
    this.look();
    if (isTaken(state, now)) this.takeConnections();
  }

  /** Makes the link what the role says, and the fence before it. */
  private setLink(now: number): void {
    const wanted = lanState(this.current.role);
    if (wanted === this.lanIs) return;
    // A holder's is tried at once: it is one by its role.
    const isTriedLater = wanted === 'listening' || wanted === 'asking';
    if (this.refused !== undefined && isTriedLater && now - this.refused.at < REFUSED_MS) return;
    const { link, lan, connections } = this.parts;
    const takes = wanted === 'held' && isTaken(this.current, now);
    try {
      if (wanted === 'held') this.raiseFence(takes, now);
      if (takes) connections.hold();
      lan.use(link.set(wanted));
      [this.lanIs, this.refused] = [wanted, undefined];
      if (takes) this.takeovers += 1;
    } catch (error) {
      if (!(error instanceof NetlinkError)) throw error;
      this.lanIs = 'down';
      this.refused = { at: now, problem: `the kernel refuses net1 as ${wanted}: ${error.message}` };
      this.parts.log.error('the kernel refuses the link', { wanted, reason: error.message });
      if (wanted === 'held') this.happens({ kind: 'link-refused' });
    }
  }

  /** @param isTaken whether the address is another pod's until now: what the standby has said does not count then */
  private raiseFence(isTaken: boolean, now: number): void {
    this.keeper.raise(this.current, isTaken, now);
    this.epoch = this.current.ownEpoch;
  }

  private takeConnections(): void {
    this.parts.connections.take().catch(this.failed);
  }

  private directConnections(now: number): void {
    const { slices, connections } = this.parts;
    const { lock } = this.current;
    const holder = lock?.holder;
    connections.direct(this.current, holder && this.pods.of(holder, slices.slice, now));
  }

  private perform(effect: PairEffect, now: number): void {
    const { lan, slices } = this.parts;
    switch (effect.kind) {
      case 'beat':
        this.say(effect);
        break;
      case 'announce':
        if (this.lanIs === 'held') lan.announce(now);
        break;
      case 'probe':
        lan.probe(this.lanIs, now);
        break;
      case 'write-lock':
        slices.write(effect.over, effect.lock);
        break;
    }
  }

  /** Sends a beat to every pod that the lock or a beat has named. */
  private say(more: Pick<Beat, 'resigns' | 'asks'>): void {
    const { name, slices, beats } = this.parts;
    const { lock, pods } = this.current;
    const now = performance.now();
    for (const pod of new Set([lock?.holder, lock?.seat, ...pods.map((each) => each.name)])) {
      if (pod === undefined || pod === name) continue;
      const address = this.pods.of(pod, slices.slice, now);
      if (address !== undefined) beats.send(beatTo(this.current, pod, now, more), address);
    }
  }
}

/** Whether the pod takes the address now, and is not a holder again that was mute. */
function isTaken({ role }: PairState, now: number): boolean {
  return role.name === 'holder' && role.since === now;
}

/** Whether the beat is the last of its pod, which has answered this process. */
function isLatest({ pods }: PairState, { from, session, sentAt }: Beat): boolean {
  return pods.some(
    (pod) => pod.name === from && pod.session === session && pod.sentAt === sentAt && Number.isFinite(pod.heardAt),
  );
}
