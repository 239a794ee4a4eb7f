import type { PortSpread } from '../../../src/domain/data-plane/port-spread';
import { Connection, listConnections } from '../../netlink/conntrack/connection';
import type { NetlinkSocket } from '../../netlink/socket';

/** Milliseconds between two looks: each lists the connections of the node, which takes milliseconds. */
const LOOK_MS = 5000;

const NONE: ReadonlySet<number> = new Set();

/**
 * Finds retired destinations whose last connection has ended. Two looks in a row must find none: a packet in flight
 * when the destination left may begin a connection after the first.
 */
export class RetiredTargets {
  private nextLook = 0;
  /** Marks without a connection at the last look. */
  private idle = NONE;

  /** @param netfilter a socket of the pod's namespace */
  public constructor(private readonly netfilter: NetlinkSocket) {}

  /**
   * Looks, unless it has done so a short time ago.
   *
   * @param now milliseconds of a monotonic clock
   * @returns marks of retired destinations
   * @throws NetlinkError
   */
  public ended(spreads: readonly PortSpread[], now: number): ReadonlySet<number> {
    const retired = spreads.flatMap(({ retired: each }) => each.map(({ mark }) => mark));
    if (retired.length === 0) {
      this.idle = NONE;
      return NONE;
    }
    if (now < this.nextLook) return NONE;
    this.nextLook = now + LOOK_MS;
    const open = this.openMarks();
    const idle = retired.filter((mark) => !open.has(mark));
    const ended = new Set(idle.filter((mark) => this.idle.has(mark)));
    this.idle = new Set(idle);
    return ended;
  }

  /** A TCP connection that both sides closed is over, though the kernel remembers it for two minutes. */
  private openMarks(): ReadonlySet<number> {
    return this.netfilter.dumpInto(
      listConnections(),
      () => new Set<number>(),
      (marks, message) => {
        const connection = new Connection(message);
        if (connection.mark !== 0 && !connection.isClosed) marks.add(connection.mark);
      },
    );
  }
}
