import { RULE_BITS } from '../../../src/domain/data-plane/held-mark';
import type { MarkedFallback, MarkedRule, MarkedRules } from '../../../src/domain/data-plane/marked-rules';
import type { PortSpread } from '../../../src/domain/data-plane/port-spread';
import type { RuleChanges } from '../../../src/domain/data-plane/rule-changes';
import { spreadKey } from '../../../src/domain/data-plane/spread-changes';
import type { NetworkConfig } from '../../../src/domain/router/network-config';
import type { Family } from '../../../src/domain/values/ip-address';
import { addressesOf, readReception, StaleConnections } from '../../data-plane/stale-connections';
import { EINVAL } from '../../ffi/errno';
import { deleteConnections } from '../../netlink/conntrack/connection';
import {
  type ConnectionFilter,
  deleteMatching,
  type Ipv4Address,
  isIpv4,
} from '../../netlink/conntrack/delete-matching';
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

type Freed = RuleChanges['freed'][number];

type Port = Pick<PortSpread, 'protocol' | 'port' | 'family'>;

function portsOf({ rules, spreads, fallbacks }: MarkedRules): NewPorts {
  return {
    ports: [...rules.map(portOfRule), ...spreads],
    fallbacks: fallbacks.map(({ address }) => address.family),
  };
}

function portOfRule({ rule: { protocol, port, destination } }: MarkedRule): Port {
  return { protocol, port, family: destination.family };
}

/** The port of what was freed; of a fallback, any. */
function portOf(freed: Freed): Pick<Port, 'family'> & Partial<Port> {
  return 'rule' in freed ? portOfRule(freed) : { family: freed.address.family };
}

/** The kernel does not compare SCTP ports, and compares IPv6 addresses wrongly. */
function isFoundByKernel({ family, protocol }: Pick<Port, 'family'> & Partial<Port>): boolean {
  return family === 4 && protocol !== 'SCTP';
}

/** The most searches in the kernel that take less time than one listing. */
const MOST_SEARCHES = 8;

/**
 * Deletes connections that contradict the rules in force. Each change is swept twice: a packet in flight during the
 * change may create a connection of the old rules after the first sweep.
 */
export class ConnectionSweep {
  /** Work for the next `repeat`: what was freed, by its mark, and the keys of new ports. */
  private readonly freed = new Map<number, Freed>();
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
  public sweepAfter({ after, freed, newPorts }: RuleChanges): void {
    for (const each of freed) this.freed.set(each.mark, each);
    const { ports, fallbacks } = portsOf(newPorts);
    for (const port of ports) this.newPorts.add(spreadKey(port));
    for (const family of fallbacks) this.newFallbacks.add(family);
    this.sweepChange(after, freed, { ports, fallbacks });
  }

  /** Repeats the sweeps since the last call. @throws NetlinkError; the next call makes up for it */
  public repeat(inForce: MarkedRules): void {
    if (this.isOfAll) this.sweep(inForce);
    else this.sweepChange(inForce, [...this.freed.values()], this.newPortsIn(inForce));
    this.isOfAll = false;
    this.freed.clear();
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

  private sweepChange(inForce: MarkedRules, freed: readonly Freed[], newPorts: NewPorts): void {
    const searches = this.searches(inForce.fallbacks, freed, newPorts);
    if (searches === undefined) this.sweep(inForce);
    else if (searches.length > 0) this.search(inForce, searches);
  }

  /** The searches for the kernel; nothing if listing is required or faster. */
  private searches(
    inForce: readonly MarkedFallback[],
    freed: readonly Freed[],
    { ports, fallbacks }: NewPorts,
  ): ConnectionFilter[] | undefined {
    if (fallbacks.length > 0) return undefined;
    const taken = ports.filter((port) => hasEarlierConnections(port, inForce));
    if (freed.length + taken.length === 0) return [];
    if (![...freed.map(portOf), ...taken].every(isFoundByKernel)) return undefined;
    const ownAddresses = addressesOf(this.sockets.route, this.primary).filter(isIpv4);
    const searches = ownAddresses.flatMap((called) => [
      ...freed.map((each) => connectionsOf(each, called)),
      ...taken.flatMap((port) => earlierConnections(port, inForce, called)),
    ]);
    return searches.length > MOST_SEARCHES ? undefined : searches;
  }

  private search(inForce: MarkedRules, searches: readonly ConnectionFilter[]): void {
    try {
      this.sockets.netfilter.changes(searches.map(deleteMatching));
    } catch (error) {
      // A kernel that cannot search by address.
      if (!hasErrno(error, EINVAL)) throw error;
      this.sweep(inForce);
    }
  }

  private sweep(inForce: MarkedRules): void {
    const stale = new StaleConnections(inForce, readReception(this.sockets.route, this.primary, this.config));
    deleteConnections(this.sockets.netfilter, (connection) => stale.includes(connection));
  }
}

/** Connections of a freed mark, by all that makes them this router's: other programs may use the same mark. */
function connectionsOf(freed: Freed, called: Ipv4Address): ConnectionFilter {
  const { mark } = freed;
  return 'rule' in freed
    ? { mark, markBits: RULE_BITS, called, service: freed.rule, remote: freed.rule.destination as Ipv4Address }
    : { mark, markBits: RULE_BITS, called, remote: freed.address as Ipv4Address };
}

/**
 * Whether the port of a rule may have connections from before the rule: through the fallback, or to the pod itself. The
 * latter do not exist for TCP: the kernel removes a connection whose first packet was answered by a reset.
 */
function hasEarlierConnections({ protocol, family }: Port, fallbacks: readonly MarkedFallback[]): boolean {
  return protocol !== 'TCP' || fallbacks.some(({ address }) => address.family === family);
}

function earlierConnections(
  service: Port,
  fallbacks: readonly MarkedFallback[],
  called: Ipv4Address,
): ConnectionFilter[] {
  const through = fallbacks.flatMap(({ mark, address }) =>
    isIpv4(address) ? { mark, markBits: RULE_BITS, called, service, remote: address } : [],
  );
  return service.protocol === 'UDP' ? [...through, { mark: NO_MARK, markBits: RULE_BITS, called, service }] : through;
}
