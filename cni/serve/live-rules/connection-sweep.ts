import type { MarkedRules } from '../../../src/domain/data-plane/marked-rules';
import type { PortSpread } from '../../../src/domain/data-plane/port-spread';
import type { RuleChanges } from '../../../src/domain/data-plane/rule-changes';
import { spreadKey } from '../../../src/domain/data-plane/spread-changes';
import type { NetworkConfig } from '../../../src/domain/router/network-config';
import type { Family, IpAddress } from '../../../src/domain/values/ip-address';
import type { Protocol } from '../../../src/domain/values/protocol';
import { addressesOf, readReception, StaleConnections } from '../../data-plane/stale-connections';
import { EINVAL } from '../../ffi/errno';
import { deleteConnections, deleteConnectionsOf, deleteConnectionsTo } from '../../netlink/conntrack/connection';
import type { Request } from '../../netlink/message';
import { hasErrno } from '../../netlink/netlink-error';
import type { NetlinkSocket } from '../../netlink/socket';

export interface SweepSockets {
  readonly netfilter: NetlinkSocket;
  readonly route: NetlinkSocket;
}

const NO_MARK = 0;

/** Whose connections from before contradict the rules. */
interface NewPorts {
  readonly ports: readonly Port[];
  /** Of their families every port is a new one. */
  readonly fallbacks: readonly Family[];
}

type Port = Pick<PortSpread, 'protocol' | 'port' | 'family'>;

function portsOf({ rules, spreads, fallbacks }: MarkedRules): NewPorts {
  return {
    ports: [
      ...rules.map(({ rule: { protocol, port, destination } }) => ({ protocol, port, family: destination.family })),
      ...spreads,
    ],
    fallbacks: fallbacks.map(({ address }) => address.family),
  };
}

/** The most searches in the kernel that take less time than one listing. */
const MOST_SEARCHES = 8;

/**
 * Deletes connections that contradict the rules in force. Each change is swept twice: a packet in flight during the
 * change may create a connection of the old rules after the first sweep.
 */
export class ConnectionSweep {
  /** Work for the next `repeat`: freed marks, and the keys of new ports. */
  private readonly freedMarks = new Set<number>();
  private readonly newPorts = new Set<number>();
  private readonly newFallbacks = new Set<Family>();
  private isOfAll = false;

  public constructor(
    private readonly sockets: SweepSockets,
    /** The pod's interface on the cluster network. */
    private readonly primary: string,
    /** The router; its rules are ignored. */
    private readonly config: NetworkConfig,
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
    const { ports, fallbacks } = portsOf(newPorts);
    for (const port of ports) this.newPorts.add(spreadKey(port));
    for (const family of fallbacks) this.newFallbacks.add(family);
    this.sweepChange(after, freedMarks, { ports, fallbacks });
  }

  /** Repeats the sweeps since the last call. @throws NetlinkError; the next call makes up for it */
  public repeat(inForce: MarkedRules): void {
    if (this.isOfAll) this.sweep(inForce);
    else this.sweepChange(inForce, [...this.freedMarks], this.newPortsIn(inForce));
    this.isOfAll = false;
    this.freedMarks.clear();
    this.newPorts.clear();
    this.newFallbacks.clear();
  }

  /** Those that have not gone again: their ports are the fallback's. */
  private newPortsIn(inForce: MarkedRules): NewPorts {
    if (this.newPorts.size + this.newFallbacks.size === 0) return { ports: [], fallbacks: [] };
    const { ports, fallbacks } = portsOf(inForce);
    return {
      ports: ports.filter((port) => this.newPorts.has(spreadKey(port))),
      fallbacks: fallbacks.filter((family) => this.newFallbacks.has(family)),
    };
  }

  private sweepChange(inForce: MarkedRules, freedMarks: readonly number[], newPorts: NewPorts): void {
    const searches = this.searches(inForce, freedMarks, newPorts);
    if (searches === undefined) this.sweep(inForce);
    else if (searches.length > 0) this.search(inForce, searches);
  }

  /** The searches for the kernel; nothing if listing is required or faster. */
  private searches(
    inForce: MarkedRules,
    freedMarks: readonly number[],
    { ports, fallbacks }: NewPorts,
  ): Request[] | undefined {
    const uses = (name: Protocol) => ports.some(({ protocol }) => protocol === name);
    if (fallbacks.length > 0 || uses('SCTP')) return undefined;
    const ownAddresses = uses('UDP') ? addressesOf(this.sockets.route, this.primary) : [];
    const earlier = ports.flatMap((port) => earlierConnections(port, inForce.fallbacks, ownAddresses));
    const searches = [...freedMarks.map(deleteConnectionsOf), ...earlier];
    return searches.length > MOST_SEARCHES ? undefined : searches;
  }

  private search(inForce: MarkedRules, searches: readonly Request[]): void {
    try {
      this.sockets.netfilter.changes(searches);
    } catch (error) {
      // A kernel that cannot search by port.
      if (!hasErrno(error, EINVAL)) throw error;
      this.sweep(inForce);
    }
  }

  private sweep(inForce: MarkedRules): void {
    const stale = new StaleConnections(inForce, readReception(this.sockets.route, this.primary, this.config));
    deleteConnections(this.sockets.netfilter, (connection) => stale.includes(connection));
  }
}

/**
 * Connections to the port of a rule from before the rule: through the fallback, or to the pod itself. The latter do not
 * exist for TCP: the kernel removes a connection whose first packet was answered by a reset.
 */
function earlierConnections(
  { protocol, port, family }: Port,
  fallbacks: MarkedRules['fallbacks'],
  ownAddresses: readonly IpAddress[],
): Request[] {
  const through = fallbacks.filter(({ address }) => address.family === family);
  const called = protocol === 'UDP' ? ownAddresses.filter((address) => address.family === family) : [];
  return [
    ...through.map(({ mark }) => deleteConnectionsTo({ family, protocol, port }, mark)),
    ...called.map((address) => deleteConnectionsTo({ family, address, protocol, port }, NO_MARK)),
  ];
}
