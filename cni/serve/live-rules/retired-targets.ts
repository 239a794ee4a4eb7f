import { ruleMark } from '../../../src/domain/data-plane/held-mark';
import { type MarkedRule, singleRules } from '../../../src/domain/data-plane/marked-rules';
import type { PortSpread } from '../../../src/domain/data-plane/port-spread';
import type { IpAddress } from '../../../src/domain/values/ip-address';
import { addressesOf, isAnyOf, isThrough } from '../../data-plane/stale-connections';
import { Connection, listConnections } from '../../netlink/conntrack/connection';
import type { SweepSockets } from './connection-sweep';

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

  /**
   * @param sockets of the pod's namespace
   * @param primary the pod's interface on the cluster network
   */
  public constructor(
    private readonly sockets: SweepSockets,
    private readonly primary: string,
  ) {}

  /**
   * Looks, unless it has done so a short time ago.
   *
   * @param now milliseconds of a monotonic clock
   * @returns marks of retired destinations
   * @throws NetlinkError
   */
  public ended(spreads: readonly PortSpread[], now: number): ReadonlySet<number> {
    const retired = singleRules({ rules: [], spreads: spreads.map((each) => ({ ...each, targets: [] })) });
    if (retired.length === 0) {
      this.idle = NONE;
      return NONE;
    }
    if (now < this.nextLook) return NONE;
    this.nextLook = now + LOOK_MS;
    const open = this.openMarks(retired, addressesOf(this.sockets.route, this.primary));
    const idle = retired.map(({ mark }) => mark).filter((mark) => !open.has(mark));
    const ended = new Set(idle.filter((mark) => this.idle.has(mark)));
    this.idle = new Set(idle);
    return ended;
  }

  /**
   * The marks of those with a client's connection. A TCP connection that both sides closed is over, though the kernel
   * remembers it for two minutes. One of another program with the same mark does not count.
   */
  private openMarks(retired: readonly MarkedRule[], ownAddresses: readonly IpAddress[]): ReadonlySet<number> {
    const rules = new Map(retired.map((each) => [each.mark, each]));
    return this.sockets.netfilter.dumpInto(
      listConnections(),
      () => new Set<number>(),
      (marks, message) => {
        const connection = new Connection(message);
        const rule = rules.get(ruleMark(connection.mark));
        if (rule === undefined || connection.isClosed || !isThrough(connection, rule)) return;
        if (isAnyOf(ownAddresses, connection.calledAddress)) marks.add(rule.mark);
      },
    );
  }
}
