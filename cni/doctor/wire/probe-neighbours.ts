import type { Neighbour } from '../../../src/domain/router/serve-config';
import type { MacAddress } from '../../../src/domain/values/mac-address';
import { findHolders } from '../../address-conflict/probe';
import { NeighbourProbe } from '../../data-plane/neighbour-probe';
import { waitForInput } from '../../ffi/libc';
import type { Link } from '../../netlink/route/link';
import { type NeighbourState, neighbourState } from '../../netlink/route/neighbour';
import { DatagramSocket } from '../../packet/datagram-socket';
import { PacketSockets } from '../../packet/packet-sockets';
import type { NamespaceView } from '../subject';
import type { TimeLimit } from '../time-limit';
import { probeByFrames } from './probe-by-frames';
import { unlessForbidden } from './unless-forbidden';

/** The kernel gives up after half a second with ADD's settings. */
const PATIENCE_MILLISECONDS = 900;

const POLL_MILLISECONDS = 20;

/** A neighbour that does not answer the router. */
export interface Silence {
  readonly neighbour: Neighbour;
  /** The kernel's state of it. */
  readonly detail: string;
  /** Whether the kernel has not probed yet, so that the result is unknown. */
  readonly isUnasked: boolean;
  /** Why the probe was not sent, and nothing else probed. */
  readonly obstacle?: string;
}

/** The results of probing neighbours. */
export interface NeighbourAnswers {
  readonly silent: readonly Silence[];
  /** Neighbours with an earlier answer in the kernel's table: it is unknown whether they answer now. */
  readonly unsure: readonly Neighbour[];
}

/**
 * Probes all neighbours at once from the router's own interface by the kernel, as for clients' packets. Own frames are
 * not enough: some gateways filter them, and clients depend on the kernel's. But the kernel does not distinguish old
 * answers from new ones; so known neighbours are also probed by frames, if this process may send them.
 */
export function probeNeighbours(
  view: NamespaceView,
  link: Link,
  neighbours: readonly Neighbour[],
  time: TimeLimit,
): NeighbourAnswers {
  const probes = probeByKernel(view, link, neighbours, time);
  const known = probes.filter(({ isAnswered, isUnasked, obstacle }) => isAnswered || isUnasked || obstacle);
  const answers = probeByFrames(
    view,
    link,
    known.map(({ neighbour }) => neighbour),
    time,
  );
  if (answers === 'forbidden') {
    return {
      silent: probes.filter(({ isAnswered }) => !isAnswered),
      unsure: probes.filter(({ isAnswered, wasKnown }) => isAnswered && wasKnown).map(({ neighbour }) => neighbour),
    };
  }
  const silent = probes.flatMap((probe): Silence[] => {
    if (!known.includes(probe)) return [probe];
    const { neighbour, detail, obstacle } = probe;
    if (answers.has(neighbour.address.text)) return [];
    const before = obstacle === undefined ? `${detail} from before, but it` : `${detail}; it`;
    return [{ neighbour, detail: `${before} does not answer now`, isUnasked: false }];
  });
  return { silent, unsure: [] };
}

/** A probe and its result. */
interface ProbedNeighbour extends Silence {
  readonly isAnswered: boolean;
  /** Whether the kernel had an earlier answer. */
  readonly wasKnown: boolean;
}

function probeByKernel(
  view: NamespaceView,
  link: Link,
  neighbours: readonly Neighbour[],
  time: TimeLimit,
): ProbedNeighbour[] {
  using probes = new DisposableStack();
  const deadline = performance.now() + Math.min(PATIENCE_MILLISECONDS, time.remaining);
  const all = neighbours.map((neighbour) => probes.use(new KernelProbe(view, link, neighbour)));
  for (let open = all; ; ) {
    open = open.filter((probe) => !probe.update());
    if (open.every(({ isOver }) => isOver) || performance.now() > deadline) break;
    waitForInput([], POLL_MILLISECONDS);
  }
  return all.map(({ neighbour, detail, isUnasked, isAnswered, wasKnown, obstacle }) => ({
    neighbour,
    detail,
    isUnasked,
    isAnswered,
    wasKnown,
    ...(obstacle === undefined ? {} : { obstacle }),
  }));
}

/** The MACs that answer on an interface, by address. */
export function answersOn(
  view: NamespaceView,
  link: Link,
  addresses: readonly Neighbour['address'][],
): ReadonlyMap<string, MacAddress> | 'forbidden' {
  return unlessForbidden(() => {
    using sockets = view.run(() => PacketSockets.open(link, addresses));
    return findHolders(sockets, addresses);
  });
}

/** A probe and its state in the kernel's neighbour table. */
class KernelProbe implements Disposable {
  private readonly probe: NeighbourProbe;
  private state: NeighbourState | undefined;
  private hasAnswered = false;
  /** Whether the kernel had an answer before the probe. */
  public readonly wasKnown: boolean;

  public constructor(
    private readonly view: NamespaceView,
    private readonly link: Link,
    public readonly neighbour: Neighbour,
  ) {
    this.probe = new NeighbourProbe(neighbour, (source, index) => view.run(() => DatagramSocket.open(source, index)));
    this.wasKnown = isAnswer(this.stateNow());
    this.probe.send(link.index);
  }

  public [Symbol.dispose](): void {
    this.probe[Symbol.dispose]();
  }

  /** Whether waiting longer is pointless. */
  public get isOver(): boolean {
    return this.probe.obstacle !== undefined || this.state === 'failed';
  }

  /**
   * Without ADD's settings for a health port, the kernel waits for five seconds before it probes a known neighbour
   * again.
   */
  public get isUnasked(): boolean {
    return this.probe.obstacle === undefined && this.state === 'delay';
  }

  public get obstacle(): string | undefined {
    return this.probe.obstacle;
  }

  public get detail(): string {
    return this.probe.obstacle ?? `its neighbour entry is ${this.state ?? 'missing'}`;
  }

  public get isAnswered(): boolean {
    return this.hasAnswered;
  }

  /** Whether it has answered. */
  public update(): boolean {
    if (this.probe.obstacle !== undefined) return false;
    this.state = this.stateNow();
    if (this.state === undefined || this.state === 'stale') this.probe.send(this.link.index);
    this.hasAnswered = isAnswer(this.state);
    return this.hasAnswered;
  }

  private stateNow(): NeighbourState | undefined {
    return neighbourState(this.view.route, this.neighbour.address, this.link.index);
  }
}

function isAnswer(state: NeighbourState | undefined): boolean {
  return state === 'reachable' || state === 'permanent';
}
