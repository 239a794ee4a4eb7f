import type { MarkedRules } from '../../src/config/marked-rules';
import type { RuleChanges } from '../../src/config/rule-changes';
import { deleteConnectionsOf } from '../netlink/conntrack/connection';
import { deleteConnections } from '../netlink/conntrack/delete-connections';
import { listAddresses } from '../netlink/route/address';
import { findLink } from '../netlink/route/link';
import type { NetlinkSocket } from '../netlink/socket';
import { StaleConnections } from './stale-connections';

export interface SweepSockets {
  readonly netfilter: NetlinkSocket;
  readonly route: NetlinkSocket;
}

export interface SweepOptions {
  /** The pod's interface on the cluster network. */
  readonly primary: string;
  readonly healthPort: number | undefined;
}

/** The kernel finds the connections of so many marks, one after the other, in less time than it lists all. */
const MOST_MARKS = 8;

/**
 * Deletes connections that the rules in force would not make. Each change is swept twice: a packet that was under way during
 * the change may have become a connection of the old rules after the first look.
 */
export class ConnectionSweep {
  /** What is swept at the next `repeat`. */
  private readonly marks = new Set<number>();
  private takesMore = false;
  private isOfAll = false;

  public constructor(
    private readonly sockets: SweepSockets,
    private readonly options: SweepOptions,
  ) {}

  /** Sweeps all connections now, and again at the next `repeat`. @throws NetlinkError; the next `repeat` makes up for it */
  public sweepAll(inForce: MarkedRules): void {
    this.isOfAll = true;
    this.sweep(inForce);
  }

  /** Sweeps after a change, and again at the next `repeat`. @throws NetlinkError; the next `repeat` makes up for it */
  public sweepAfter({ after, freedMarks, takesMore }: RuleChanges): void {
    for (const mark of freedMarks) this.marks.add(mark);
    this.takesMore ||= takesMore;
    this.sweepMarks(after, freedMarks, takesMore);
  }

  /** Sweeps again what was swept since the last time. @throws NetlinkError; the next time makes up for it */
  public repeat(inForce: MarkedRules): void {
    if (this.isOfAll) this.sweep(inForce);
    else this.sweepMarks(inForce, [...this.marks], this.takesMore);
    this.isOfAll = false;
    this.takesMore = false;
    this.marks.clear();
  }

  /** What was not taken by a rule has no mark, or a fallback's. */
  private sweepMarks(inForce: MarkedRules, freedMarks: readonly number[], takesMore: boolean): void {
    if (freedMarks.length > MOST_MARKS || (takesMore && inForce.fallbacks.length > 0)) {
      this.sweep(inForce);
    } else {
      for (const mark of freedMarks) this.sockets.netfilter.change(deleteConnectionsOf(mark));
      if (takesMore) this.sweep(inForce, 0);
    }
  }

  private sweep(inForce: MarkedRules, mark?: number): void {
    const stale = new StaleConnections(inForce, { ...this.options, ownAddresses: this.ownAddresses() });
    deleteConnections(this.sockets.netfilter, (connection) => stale.includes(connection), mark);
  }

  private ownAddresses() {
    const index = findLink(this.sockets.route, this.options.primary)?.index;
    return listAddresses(this.sockets.route)
      .filter(({ interfaceIndex }) => interfaceIndex === index)
      .map(({ cidr }) => cidr.address);
  }
}
