import type { MacAddress } from '../../../src/config/mac-address';
import type { Neighbour } from '../../../src/config/serve-config';
import { NeighbourQuestion } from '../../data-plane/neighbour-question';
import { waitForInput } from '../../ffi/libc';
import type { Link } from '../../netlink/route/link';
import { type NeighbourState, neighbourState } from '../../netlink/route/neighbour';
import { whoAnswers } from '../../packet/answers';
import { DatagramSocket } from '../../packet/datagram-socket';
import { PacketSockets } from '../../packet/packet-sockets';
import type { Place } from '../subject';
import { unlessForbidden } from './unless-forbidden';

/** The kernel gives up after half a second, with the settings that ADD made. */
const PATIENCE_MILLISECONDS = 900;

const POLL_MILLISECONDS = 20;

/** A neighbour that does not answer the router. */
export interface Silence {
  readonly neighbour: Neighbour;
  /** What the kernel says. */
  readonly detail: string;
  /** The kernel has not asked yet: nothing is known. */
  readonly isUnasked: boolean;
}

/**
 * Asks all neighbours at once from the router's own interface, and lets the kernel do it, as it does for clients: what it learns is what
 * counts. Frames of our own would not do: the answer to an IPv6 probe goes to all, and passes where nothing is delivered to the
 * router's MAC; and there are gateways that ignore a question whose sender has no address yet.
 */
export function silentNeighbours(place: Place, link: Link, neighbours: readonly Neighbour[]): Silence[] {
  using questions = new DisposableStack();
  const deadline = performance.now() + PATIENCE_MILLISECONDS;
  let open = neighbours.map((neighbour) => questions.use(new KernelQuestion(place, link, neighbour)));
  for (;;) {
    open = open.filter((question) => !question.isAnswered());
    if (open.every(({ isOver }) => isOver) || performance.now() > deadline) break;
    waitForInput([], POLL_MILLISECONDS);
  }
  return open.map(({ neighbour, detail, isUnasked }) => ({ neighbour, detail, isUnasked }));
}

/** Who answers on an interface, for each address that somebody answers for. */
export function answersOn(
  place: Place,
  link: Link,
  addresses: readonly Neighbour['address'][],
): ReadonlyMap<string, MacAddress> | 'forbidden' {
  return unlessForbidden(() => {
    using sockets = place.run(() => PacketSockets.open(link, addresses));
    return whoAnswers(sockets, addresses);
  });
}

/** A question, and what the kernel's table of neighbours says of it. */
class KernelQuestion implements Disposable {
  private readonly question: NeighbourQuestion;
  private state: NeighbourState | undefined;

  public constructor(
    private readonly place: Place,
    private readonly link: Link,
    public readonly neighbour: Neighbour,
  ) {
    this.question = new NeighbourQuestion(neighbour, (source) => place.run(() => DatagramSocket.open(source)));
    this.question.ask(link.index);
  }

  public [Symbol.dispose](): void {
    this.question[Symbol.dispose]();
  }

  /** Whether waiting is of no use. */
  public get isOver(): boolean {
    return this.question.obstacle !== undefined || this.state === 'failed';
  }

  /** Without the settings that ADD makes for a health port, the kernel waits for five seconds before it asks for one that it knows. */
  public get isUnasked(): boolean {
    return this.question.obstacle === undefined && this.state === 'delay';
  }

  public get detail(): string {
    return this.question.obstacle ?? `its neighbour entry is ${this.state ?? 'missing'}`;
  }

  public isAnswered(): boolean {
    if (this.question.obstacle !== undefined) return false;
    this.state = neighbourState(this.place.route, this.neighbour.address, this.link.index);
    if (this.state === undefined || this.state === 'stale') this.question.ask(this.link.index);
    return this.state === 'reachable' || this.state === 'permanent';
  }
}
