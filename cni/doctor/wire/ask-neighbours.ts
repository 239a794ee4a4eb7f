import type { MacAddress } from '../../../src/config/mac-address';
import type { Neighbour } from '../../../src/config/serve-config';
import { SystemCallError, waitForInput } from '../../ffi/libc';
import { EACCES, EAGAIN, ENOBUFS, EPERM, errnoName } from '../../netlink/errno';
import type { Link } from '../../netlink/route/link';
import { type NeighbourState, neighbourState } from '../../netlink/route/neighbour';
import { whoAnswers } from '../../packet/answers';
import { DatagramSocket } from '../../packet/datagram-socket';
import { PacketSockets } from '../../packet/packet-sockets';
import type { Place } from '../subject';

/** "discard": whoever listens there says nothing. */
const PORT = 9;

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
  try {
    using sockets = place.run(() => PacketSockets.open(link, addresses));
    return whoAnswers(sockets, addresses);
  } catch (error) {
    if (error instanceof SystemCallError && [EPERM, EACCES].includes(error.errno)) return 'forbidden';
    throw error;
  }
}

/** A datagram makes the kernel ask, and its table of neighbours tells what came of it. It needs no privilege. */
class KernelQuestion implements Disposable {
  private socket: DatagramSocket | undefined;
  private state: NeighbourState | undefined;
  private obstacle: string | undefined;

  public constructor(
    private readonly place: Place,
    private readonly link: Link,
    public readonly neighbour: Neighbour,
  ) {
    this.send();
  }

  public [Symbol.dispose](): void {
    this.socket?.[Symbol.dispose]();
  }

  /** Whether waiting is of no use. */
  public get isOver(): boolean {
    return this.obstacle !== undefined || this.state === 'failed';
  }

  /** Without the settings that ADD makes for a health port, the kernel waits for five seconds before it asks for one that it knows. */
  public get isUnasked(): boolean {
    return this.obstacle === undefined && this.state === 'delay';
  }

  public get detail(): string {
    return this.obstacle ?? `its neighbour entry is ${this.state ?? 'missing'}`;
  }

  public isAnswered(): boolean {
    if (this.obstacle !== undefined) return false;
    this.state = neighbourState(this.place.route, this.neighbour.address, this.link.index);
    if (this.state === undefined || this.state === 'stale') this.send();
    return this.state === 'reachable' || this.state === 'permanent';
  }

  private send(): void {
    const { source, address } = this.neighbour;
    try {
      this.socket ??= this.place.run(() => DatagramSocket.open(source));
      this.socket.send(address, PORT, this.link.index);
    } catch (error) {
      if (!(error instanceof SystemCallError)) throw error;
      // There was no room for it; the next one will do.
      if (![EAGAIN, ENOBUFS].includes(error.errno)) this.obstacle = `${error.call}: ${errnoName(error.errno)}`;
    }
  }
}
