import { type MarkedFallback, type MarkedRules, marksOf } from '../../../src/domain/data-plane/marked-rules';
import type { RuleChanges } from '../../../src/domain/data-plane/rule-changes';
import type { RedirectRule } from '../../../src/domain/router/redirect-rule';
import type { IpAddress } from '../../../src/domain/values/ip-address';
import { EINVAL } from '../../ffi/errno';
import { deleteConnections, deleteConnectionsOf, deleteConnectionsTo } from '../../netlink/conntrack/connection';
import type { Request } from '../../netlink/message';
import { hasErrno } from '../../netlink/netlink-error';
import { listAddresses } from '../../netlink/route/address';
import { findLink } from '../../netlink/route/link';
import type { NetlinkSocket } from '../../netlink/socket';
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

const NO_MARK = 0;

/** So many times the kernel looks through its table for what is to be deleted, in less time than it lists it once. */
const MOST_SEARCHES = 8;

/**
 * Deletes connections that the rules in force would not make. Each change is swept twice: a packet that was under way
 * during the change may have become a connection of the old rules after the first look.
 */
export class ConnectionSweep {
  /** What is swept at the next `repeat`: freed marks, and marks of rules on new ports. */
  private readonly freedMarks = new Set<number>();
  private readonly newPortMarks = new Set<number>();
  private isOfAll = false;

  public constructor(
    private readonly sockets: SweepSockets,
    private readonly options: SweepOptions,
  ) {}

  /**
   * Sweeps all connections now, and again at the next `repeat`. @throws NetlinkError; the next `repeat` makes up for it
   */
  public sweepAll(inForce: MarkedRules): void {
    this.isOfAll = true;
    this.sweep(inForce);
  }

  /** Sweeps after a change, and again at the next `repeat`. @throws NetlinkError; the next `repeat` makes up for it */
  public sweepAfter({ after, freedMarks, newPorts }: RuleChanges): void {
    for (const mark of freedMarks) this.freedMarks.add(mark);
    for (const mark of marksOf(newPorts)) this.newPortMarks.add(mark);
    this.sweepChange(after, freedMarks, newPorts);
  }

  /** Sweeps again what was swept since the last time. @throws NetlinkError; the next time makes up for it */
  public repeat(inForce: MarkedRules): void {
    if (this.isOfAll) this.sweep(inForce);
    else this.sweepChange(inForce, [...this.freedMarks], this.newPortsIn(inForce));
    this.isOfAll = false;
    this.freedMarks.clear();
    this.newPortMarks.clear();
  }

  private newPortsIn({ rules, fallbacks }: MarkedRules): MarkedRules {
    const hasCome = ({ mark }: { readonly mark: number }) => this.newPortMarks.has(mark);
    return this.newPortMarks.size === 0
      ? { rules: [], fallbacks: [] }
      : { rules: rules.filter(hasCome), fallbacks: fallbacks.filter(hasCome) };
  }

  private sweepChange(inForce: MarkedRules, freedMarks: readonly number[], newPorts: MarkedRules): void {
    const searches = this.searches(inForce, freedMarks, newPorts);
    if (searches === undefined) this.sweep(inForce);
    else if (searches.length > 0) this.search(inForce, searches);
  }

  /** What the kernel is to look for; nothing where it has to list, or does so in less time. */
  private searches(inForce: MarkedRules, freedMarks: readonly number[], newPorts: MarkedRules): Request[] | undefined {
    if (newPorts.fallbacks.length > 0 || newPorts.rules.some(({ rule }) => rule.protocol === 'SCTP')) return undefined;
    const ownAddresses = newPorts.rules.some(({ rule }) => rule.protocol === 'UDP') ? this.ownAddresses() : [];
    const earlier = newPorts.rules.flatMap(({ rule }) => earlierConnections(rule, inForce.fallbacks, ownAddresses));
    const searches = [...freedMarks.map(deleteConnectionsOf), ...earlier];
    return searches.length > MOST_SEARCHES ? undefined : searches;
  }

  private search(inForce: MarkedRules, searches: readonly Request[]): void {
    try {
      this.sockets.netfilter.changes(searches);
    } catch (error) {
      // A kernel that does not look for ports.
      if (!hasErrno(error, EINVAL)) throw error;
      this.sweep(inForce);
    }
  }

  private sweep(inForce: MarkedRules): void {
    const stale = new StaleConnections(inForce, { ...this.options, ownAddresses: this.ownAddresses() });
    deleteConnections(this.sockets.netfilter, (connection) => stale.includes(connection));
  }

  private ownAddresses(): IpAddress[] {
    const index = findLink(this.sockets.route, this.options.primary)?.index;
    return listAddresses(this.sockets.route)
      .filter(({ interfaceIndex }) => interfaceIndex === index)
      .map(({ cidr }) => cidr.address);
  }
}

/**
 * Connections that came to the port of a rule before the rule did: through the fallback, or to the pod itself. Of the
 * latter there are none of TCP: the kernel forgets one whose first packet was answered by a reset.
 */
function earlierConnections(
  { protocol, port, destination: { family } }: RedirectRule,
  fallbacks: readonly MarkedFallback[],
  ownAddresses: readonly IpAddress[],
): Request[] {
  const through = fallbacks.filter(({ address }) => address.family === family);
  const called = protocol === 'UDP' ? ownAddresses.filter((address) => address.family === family) : [];
  return [
    ...through.map(({ mark }) => deleteConnectionsTo({ family, protocol, port }, mark)),
    ...called.map((address) => deleteConnectionsTo({ family, address, protocol, port }, NO_MARK)),
  ];
}
