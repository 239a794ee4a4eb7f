import type { MarkedRules } from '../../src/config/marked-rules';
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

/**
 * Deletes connections that the rules in force would not make. Each change is swept twice: a packet that was under way during
 * the change may have become a connection of the old rules after the first look.
 */
export class ConnectionSweep {
  /** Marks whose connections are looked at once more; what an earlier process left undone is among them all. */
  private marks = new Set<number>();
  private isOfAll = false;

  public constructor(
    private readonly sockets: SweepSockets,
    private readonly options: SweepOptions,
  ) {}

  /**
   * Looks at the connections with these marks now, and again at the next `repeat`.
   *
   * @param marks absent: all
   * @throws NetlinkError; the next `repeat` then makes up for it
   */
  public sweep(inForce: MarkedRules, marks?: readonly number[]): number {
    if (marks === undefined) this.isOfAll = true;
    for (const mark of marks ?? []) this.marks.add(mark);
    return this.deleteStale(inForce, marks);
  }

  /** Looks again, where something is left to look at. @throws NetlinkError */
  public repeat(inForce: MarkedRules): number {
    if (!this.isOfAll && this.marks.size === 0) return 0;
    const deleted = this.deleteStale(inForce, this.isOfAll ? undefined : [...this.marks]);
    this.isOfAll = false;
    this.marks.clear();
    return deleted;
  }

  private deleteStale(inForce: MarkedRules, marks: readonly number[] | undefined): number {
    // Most changes find no connection, and need not know ten thousand rules for it.
    let stale: StaleConnections | undefined;
    return deleteConnections(
      this.sockets.netfilter,
      (connection) => {
        stale ??= new StaleConnections(inForce, { ...this.options, ownAddresses: this.ownAddresses() });
        return stale.includes(connection);
      },
      marks,
    );
  }

  private ownAddresses() {
    const index = findLink(this.sockets.route, this.options.primary)?.index;
    return listAddresses(this.sockets.route)
      .filter(({ interfaceIndex }) => interfaceIndex === index)
      .map(({ cidr }) => cidr.address);
  }
}
