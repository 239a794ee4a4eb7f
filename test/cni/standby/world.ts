import { asksApi } from '../../../cni/standby/asks-api';
import type { Beat } from '../../../cni/standby/beat';
import { nextState } from '../../../cni/standby/next-state';
import type { PairEffect, PairEvent } from '../../../cni/standby/pair-event';
import { EMPTY_LOCK, type PairLock } from '../../../cni/standby/pair-lock';
import { beatTo, fenceMs, leaseMs, type PairState, startState } from '../../../cni/standby/pair-state';
import { BEAT_MS, LOOK_MS, PEER_MS } from '../../../cni/standby/pair-timers';
import { type LanState, lanState } from '../../../cni/standby/role';
import type { Random } from './random';

/** A pod with its node's cables, its kernel, and the process in it. Times are milliseconds of the world's clock. */
export interface Pod {
  readonly name: string;
  /** What its monotonic clock is ahead of the world's. */
  readonly ahead: number;
  lanCable: boolean;
  clusterCable: boolean;
  /** Whether its way to the API server works. */
  apiWay: boolean;
  /** Kernel and process stand still until then. */
  frozenUntil: number;
  /** The process stands still until then. */
  stalledUntil: number;
  dead: boolean;
  lan: LanState;
  /** The kernel mutes the address then. */
  fenceUntil: number;
  fenceMs: number;
  /** What the kernel keeps for the next process. */
  epoch: number;
  state: PairState | undefined;
  /** What waits in the sockets. */
  waiting: PairEvent[];
  beatAt: number;
  readAt: number;
  frozenAt: number;
  thawedAt: number;
  startedAt: number;
}

/** Milliseconds after which a broken watch begins anew. */
const WATCH_AGAIN_MS = 2000;

type Happening = () => void;

/** How the networks of a schedule behave. */
export interface Weather {
  readonly clusterLoss: number;
  readonly slowBeats: number;
}

/** Two or more pods, a LAN with a gateway, a cluster network, and an API server, all without a real clock. */
export class World {
  public now = 0;
  public readonly pods: Pod[] = [];
  public gateway = true;
  public api = true;
  public lock: PairLock = EMPTY_LOCK;
  /** Milliseconds for which two pods could send with the address while the LAN joined both, after a thaw or not. */
  public doubleMs = 0;
  public doubleAfterThawMs = 0;
  /** The same of a pod whose process was started while its node stood still: it knows no other pod. */
  public doubleOfNewProcessMs = 0;
  /** The longest time, in milliseconds, without a pod that could send with the address, since it was last set to 0. */
  public gapMs = 0;
  private silentFrom: number | undefined;
  public readonly trace: string[] = [];
  private readonly heap: { at: number; order: number; run: Happening }[] = [];
  private order = 0;
  private sessions = 1;
  private readonly lastSender = new Map<LanState, Pod>();

  public constructor(
    private readonly random: Random,
    private readonly weather: Weather,
    private readonly traces = false,
  ) {}

  public addPod(): Pod {
    const name = `pod-${this.pods.length}`;
    const pod: Pod = {
      name,
      ahead: Math.floor(this.random.between(0, 1e6)),
      lanCable: true,
      clusterCable: true,
      apiWay: true,
      frozenUntil: 0,
      stalledUntil: 0,
      dead: false,
      lan: 'down',
      fenceUntil: 0,
      fenceMs: 0,
      epoch: 0,
      state: undefined,
      waiting: [],
      beatAt: 0,
      readAt: 0,
      frozenAt: Number.NEGATIVE_INFINITY,
      thawedAt: Number.NEGATIVE_INFINITY,
      startedAt: this.now,
    };
    this.pods.push(pod);
    this.startProcess(pod);
    return pod;
  }

  public startProcess(pod: Pod): void {
    if (pod.dead || pod.state !== undefined) return;
    const isFenced = pod.lan === 'held' && this.now >= pod.fenceUntil;
    const start = { name: pod.name, session: this.sessions++, lan: pod.lan, epoch: pod.epoch, isFenced };
    pod.startedAt = this.now;
    pod.state = startState(start, this.now + pod.ahead);
    if (lanState(pod.state.role) !== pod.lan) pod.lan = lanState(pod.state.role);
    pod.waiting = [];
    this.read(pod);
    this.look(pod, pod.state.session);
  }

  public killProcess(pod: Pod): void {
    pod.state = undefined;
  }

  public powerOff(pod: Pod): void {
    pod.dead = true;
    pod.lan = 'down';
    pod.state = undefined;
  }

  public freeze(pod: Pod, ms: number): void {
    const until = this.now + ms;
    pod.frozenAt = this.now;
    // A frozen machine's timers stand still, too: the worst case.
    pod.fenceUntil += Math.max(until - Math.max(pod.frozenUntil, this.now), 0);
    pod.frozenUntil = Math.max(pod.frozenUntil, until);
    this.after(ms, () => {
      pod.thawedAt = this.now;
    });
  }

  public event(pod: Pod, event: PairEvent): void {
    this.deliver(pod, event);
  }

  public after(ms: number, run: Happening): void {
    const entry = { at: this.now + Math.max(ms, 0), order: this.order++, run };
    const { heap } = this;
    let index = heap.push(entry) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!earlier(heap[index]!, heap[parent]!)) break;
      [heap[index], heap[parent]] = [heap[parent]!, heap[index]!];
      index = parent;
    }
  }

  public run(untilMs: number): void {
    for (;;) {
      const next = this.heap[0];
      if (next === undefined || next.at > untilMs) break;
      this.pop();
      this.count(next.at - this.now);
      this.now = next.at;
      next.run();
    }
    this.count(untilMs - this.now);
    this.now = untilMs;
  }

  /** Pods whose kernel sends and answers with the address, on the LAN that joins them. */
  public speakers(): Pod[] {
    return this.pods.filter((pod) => this.speaks(pod) && pod.lanCable);
  }

  public alive(): Pod[] {
    return this.pods.filter(({ dead }) => !dead);
  }

  private speaks(pod: Pod): boolean {
    return pod.lan === 'held' && this.now < pod.fenceUntil && !pod.dead && this.now >= pod.frozenUntil;
  }

  private count(ms: number): void {
    if (ms <= 0) return;
    const speakers = this.speakers();
    this.silentFrom = speakers.length > 0 ? undefined : (this.silentFrom ?? this.now);
    if (this.silentFrom !== undefined) this.gapMs = Math.max(this.gapMs, this.now + ms - this.silentFrom);
    if (speakers.length < 2) return;
    const until = Math.min(...speakers.map(({ fenceUntil }) => fenceUntil)) - this.now;
    const age = Math.min(...speakers.map(({ thawedAt }) => this.now - thawedAt));
    const isNew = speakers.some(({ frozenAt, startedAt, thawedAt }) => startedAt >= frozenAt && thawedAt >= startedAt);
    if (isNew && age < PEER_MS) this.doubleOfNewProcessMs += Math.min(ms, until);
    else if (age < 300) this.doubleAfterThawMs += Math.min(ms, until);
    else this.doubleMs += Math.min(ms, until);
    this.say(undefined, `two holders: ${speakers.map(({ name }) => name)} for ${Math.min(ms, until)} ms`);
  }

  private pop(): void {
    const { heap } = this;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    heap[0] = last;
    let index = 0;
    for (;;) {
      const [left, right] = [2 * index + 1, 2 * index + 2];
      let least = index;
      if (left < heap.length && earlier(heap[left]!, heap[least]!)) least = left;
      if (right < heap.length && earlier(heap[right]!, heap[least]!)) least = right;
      if (least === index) return;
      [heap[index], heap[least]] = [heap[least]!, heap[index]!];
      index = least;
    }
  }

  /** The process's timer. */
  private look(pod: Pod, session: number): void {
    if (pod.dead || pod.state?.session !== session) return;
    const until = Math.max(pod.frozenUntil, pod.stalledUntil);
    if (this.now < until) {
      this.after(until - this.now + this.random.between(0, 10), () => this.look(pod, session));
      return;
    }
    for (const event of pod.waiting.splice(0)) this.step(pod, event);
    const latched = pod.lan === 'held' && this.now >= pod.fenceUntil;
    this.step(pod, { kind: 'look', ...(latched ? { fence: 'latched' } : {}) });
    const { state } = pod;
    if (state === undefined) return;
    this.armFence(pod, state);
    if (this.now >= pod.beatAt) {
      pod.beatAt = this.now + BEAT_MS;
      this.beats(pod, { resigns: false, asks: false });
      this.askLan(pod);
    }
    const isStale = state.lock?.revision !== this.lock.revision;
    // A watch that broke begins anew.
    const asks = this.now >= pod.readAt && asksApi(state, this.now + pod.ahead);
    if (asks || (isStale && this.now >= pod.readAt + WATCH_AGAIN_MS)) {
      pod.readAt = this.now + 500;
      this.read(pod);
    }
    this.after(LOOK_MS + this.random.between(0, 8), () => this.look(pod, session));
  }

  private armFence(pod: Pod, state: PairState, isTaken = false): void {
    if (state.role.name !== 'holder') return;
    const ms = fenceMs(state, this.now + pod.ahead);
    const lease = leaseMs(state, this.now + pod.ahead);
    // Latched: what the standby has said counts, not a silent LAN.
    if (ms !== pod.fenceMs || isTaken) pod.fenceUntil = this.now + ms;
    else if (this.now >= pod.fenceUntil) pod.fenceUntil = this.now + Math.min(ms, lease);
    pod.fenceMs = ms;
  }

  private deliver(pod: Pod, event: PairEvent): void {
    if (pod.dead || pod.state === undefined) return;
    if (this.now < pod.frozenUntil || this.now < pod.stalledUntil) pod.waiting.push(event);
    else this.step(pod, event);
  }

  private step(pod: Pod, event: PairEvent): void {
    if (pod.state === undefined) return;
    const before = pod.state.role.name;
    const { state, effects } = nextState(pod.state, event, this.now + pod.ahead);
    pod.state = state;
    if (state.role.name !== before) {
      this.say(pod, `${before} → ${state.role.name} on ${event.kind}, epoch ${state.epoch}/${state.ownEpoch}`);
    }
    const lan = lanState(state.role);
    if (lan !== pod.lan) {
      pod.lan = lan;
      if (lan === 'held') this.armFence(pod, state, pod.epoch !== state.ownEpoch);
    }
    if (lan === 'held') {
      pod.epoch = state.ownEpoch;
      if (fenceMs(state, this.now + pod.ahead) !== pod.fenceMs) this.armFence(pod, state);
    }
    for (const effect of effects) this.perform(pod, effect);
  }

  private perform(pod: Pod, effect: PairEffect): void {
    switch (effect.kind) {
      case 'beat':
        this.beats(pod, effect);
        break;
      case 'announce':
        this.overLan(pod, () => this.announced(pod));
        break;
      case 'probe':
        this.broadcastProbe(pod);
        this.askGateway(pod);
        break;
      case 'write-lock':
        this.write(pod, effect.over, effect.lock);
        break;
    }
  }

  private beats(pod: Pod, more: { resigns: boolean; asks: boolean }): void {
    const { state } = pod;
    if (state === undefined) return;
    const names = new Set([state.lock?.holder, state.lock?.seat, ...state.pods.map(({ name }) => name)]);
    for (const name of names) {
      const other = this.pods.find((candidate) => candidate.name === name);
      if (other === undefined || other === pod) continue;
      const beat: Beat = beatTo(state, other.name, this.now + pod.ahead, more);
      this.send(pod, other, beat);
    }
  }

  private send(from: Pod, to: Pod, beat: Beat): void {
    if (!from.clusterCable || this.random.chance(this.weather.clusterLoss)) return;
    const slow = this.random.chance(this.weather.slowBeats) ? this.random.between(20, 500) : 0;
    this.after(this.random.between(0.1, 15) + slow, () => {
      if (to.clusterCable && this.now >= to.frozenUntil) this.deliver(to, { kind: 'beat', beat });
    });
  }

  /** The questions of each beat. */
  private askLan(pod: Pod): void {
    if (pod.lan === 'down') return;
    this.askGateway(pod);
    if (pod.lan === 'held') return;
    const isStandby = pod.lan === 'listening';
    this.overLan(pod, () => {
      const holders = this.pods.filter((other) => other !== pod && other.lan === 'held' && reachable(other, this.now));
      const last = this.lastSender.get('held');
      const holder = holders.find((other) => other === last) ?? holders[0];
      if (holder === undefined) return;
      if (isStandby) {
        this.refreshFence(holder);
        this.deliver(holder, { kind: 'standby-asked' });
      }
      if (this.speaks(holder)) this.answerAddress(holder, pod);
    });
  }

  private broadcastProbe(pod: Pod): void {
    const isStandby = pod.lan === 'listening';
    this.overLan(pod, () => {
      for (const other of this.pods) {
        if (other === pod || !hasLink(other) || !reachable(other, this.now)) continue;
        if (isStandby) this.deliver(other, { kind: 'standby-probed' });
        if (this.speaks(other)) this.answerAddress(other, pod);
      }
    });
  }

  /** Every pod hears who has the address, except one with the same MAC address. */
  private announced(pod: Pod): void {
    for (const other of this.pods) {
      if (other === pod || !hasLink(other) || other.lan === 'held' || !reachable(other, this.now)) continue;
      this.deliver(other, { kind: 'address-answered' });
    }
  }

  private answerAddress(holder: Pod, asker: Pod): void {
    const lan = asker.lan;
    this.overLan(holder, () => {
      const receiver = this.receiver(asker, lan);
      if (receiver !== undefined) this.deliver(receiver, { kind: 'address-answered' });
    });
  }

  private askGateway(pod: Pod): void {
    const { lan } = pod;
    this.overLan(pod, () => {
      if (!this.gateway) return;
      this.after(this.random.between(0.1, 3), () => {
        const receiver = this.receiver(pod, lan);
        if (receiver === undefined) return;
        this.refreshFence(receiver);
        this.deliver(receiver, { kind: 'gateway-answered' });
      });
    });
  }

  /** Who gets a frame to a pod's MAC address: the pod that sent last, when two have it. */
  private receiver(pod: Pod, lan: LanState): Pod | undefined {
    if (pod.lan !== lan) return undefined;
    const last = lan === 'asking' ? pod : (this.lastSender.get(lan) ?? pod);
    const receiver = last.lan === lan ? last : pod;
    return reachable(receiver, this.now) ? receiver : undefined;
  }

  private refreshFence(pod: Pod): void {
    if (this.now < pod.fenceUntil) pod.fenceUntil = this.now + pod.fenceMs;
  }

  private overLan(from: Pod, arrive: Happening): void {
    if (!reachable(from, this.now) || (from.lan === 'held' && !this.speaks(from))) return;
    this.lastSender.set(from.lan, from);
    this.after(this.random.between(0.05, 5), arrive);
  }

  private read(pod: Pod): void {
    if (!this.api || !pod.apiWay || !pod.clusterCable) return;
    const { lock } = this;
    this.after(this.random.between(2, 60), () => this.deliver(pod, { kind: 'lock', lock }));
  }

  private write(pod: Pod, over: PairLock, lock: PairLock): void {
    this.after(this.random.between(2, 40), () => {
      if (!this.api || !pod.apiWay || !pod.clusterCable) {
        this.after(100, () => this.deliver(pod, { kind: 'lock-failed' }));
        return;
      }
      if (over.revision === this.lock.revision) {
        this.lock = lock;
        this.say(pod, `wrote ${JSON.stringify(lock)}`);
        for (const other of this.pods) this.read(other);
      } else this.read(pod);
    });
  }

  public say(pod: Pod | undefined, text: string): void {
    if (this.traces) this.trace.push(`${this.now.toFixed(1)} ${pod?.name ?? '-'} ${text}`);
  }
}

function hasLink({ lan }: Pod): boolean {
  return lan !== 'down';
}

function reachable(pod: Pod, now: number): boolean {
  return !pod.dead && pod.lanCable && now >= pod.frozenUntil;
}

function earlier(a: { at: number; order: number }, b: { at: number; order: number }): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
