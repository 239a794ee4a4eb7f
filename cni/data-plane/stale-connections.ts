import { ruleMark } from '../../src/domain/data-plane/held-mark';
import {
  type MarkedFallback,
  type MarkedRule,
  type MarkedRules,
  singleRules,
} from '../../src/domain/data-plane/marked-rules';
import type { PortSpread } from '../../src/domain/data-plane/port-spread';
import type { NetworkConfig } from '../../src/domain/router/network-config';
import type { RedirectRule } from '../../src/domain/router/redirect-rule';
import type { IpAddress } from '../../src/domain/values/ip-address';
import { PROTOCOL_NUMBERS } from '../../src/domain/values/protocol';
import type { Connection } from '../netlink/conntrack/connection';
import { listAddresses } from '../netlink/route/address';
import { findLink } from '../netlink/route/link';
import type { NetlinkSocket } from '../netlink/socket';

/** What decides both ends of a client's connection, besides the rules. */
export interface Reception {
  /** The pod's own addresses on the cluster network. */
  readonly ownAddresses: readonly IpAddress[];
  /** All addresses of the pod, of any interface: none is a client's. */
  readonly podAddresses: readonly IpAddress[];
  /** The addresses that servers see. */
  readonly reservedAddresses: readonly IpAddress[];
  /** TCP port that a fallback does not apply to. */
  readonly healthPort: number | undefined;
}

/** @param route a socket of the pod's namespace */
export function readReception(
  route: NetlinkSocket,
  primary: string,
  { addresses, options: { healthPort } }: Pick<NetworkConfig, 'addresses' | 'options'>,
): Reception {
  const index = findLink(route, primary)?.index;
  const all = listAddresses(route);
  return {
    ownAddresses: all.filter(({ interfaceIndex }) => interfaceIndex === index).map(({ cidr }) => cidr.address),
    podAddresses: all.map(({ cidr }) => cidr.address),
    reservedAddresses: addresses.map(({ cidr }) => cidr.address),
    healthPort,
  };
}

/** The addresses of an interface; none if it does not exist. */
export function addressesOf(route: NetlinkSocket, name: string): IpAddress[] {
  const index = findLink(route, name)?.index;
  return listAddresses(route)
    .filter(({ interfaceIndex }) => interfaceIndex === index)
    .map(({ cidr }) => cidr.address);
}

/**
 * Finds connections whose first packet would have another destination or source now: those of a removed or changed
 * rule, those of a fallback on a port with a new rule, those without a rule on such a port, and those of another
 * reserved address. NAT is decided once; such a connection would persist as long as packets are sent. Those to a
 * destination that a host's name no longer has are meant to: they are not among them.
 *
 * Only clients' connections have a place among the rules: processes of the pod have their own, also to its address on
 * the cluster network, and so may other programs, with marks of theirs.
 */
export class StaleConnections {
  // Computed lazily: with ten thousand rules each takes milliseconds, and most changes do not need them.
  private marks: ReadonlyMap<number, MarkedRule | MarkedFallback> | undefined;
  private ports: ReadonlySet<number> | undefined;
  private refused: ReadonlySet<number> | undefined;

  public constructor(
    private readonly inForce: MarkedRules,
    private readonly reception: Reception,
  ) {}

  public includes(connection: Connection): boolean {
    // In this order, because most connections contradict nothing, and reading addresses takes longest.
    return this.contradicts(connection) && this.isOfClient(connection);
  }

  private contradicts(connection: Connection): boolean {
    if (connection.mark === 0) return this.isPassedOver(connection);
    if (this.isThroughRules(connection)) return false;
    // Other programs set marks, too: what the pod itself answers went through no rule, whatever its mark is.
    return this.isForwarded(connection) || this.isPassedOver(connection);
  }

  /** Whether it goes where the rules in force lead it. */
  private isThroughRules(connection: Connection): boolean {
    this.marks ??= new Map([...singleRules(this.inForce), ...this.inForce.fallbacks].map((each) => [each.mark, each]));
    const through = this.marks.get(ruleMark(connection.mark));
    if (through === undefined) return false;
    if (!isAnyOf(this.reception.reservedAddresses, connection.sourceAddress)) return false;
    if ('rule' in through) return isThrough(connection, through);
    const isThere = isSame(connection.remoteAddress, through.address);
    return isThere && !this.hasRule(connection) && !this.isRefused(connection) && !this.isToHealthPort(connection);
  }

  /** Whether another host answers. */
  private isForwarded({ remoteAddress }: Connection): boolean {
    return !isAnyOf(this.reception.podAddresses, remoteAddress);
  }

  /** Whether it leads from another host to the pod's address on the cluster network. */
  private isOfClient({ calledAddress, clientAddress }: Connection): boolean {
    const { ownAddresses, podAddresses } = this.reception;
    if (!isAnyOf(ownAddresses, calledAddress)) return false;
    return !isLoopback(clientAddress) && !isAnyOf(podAddresses, clientAddress);
  }

  /** Whether it leads to a port that had no rule then, but has one now. */
  private isPassedOver(connection: Connection): boolean {
    const { calledAddress } = connection;
    if (this.hasRule(connection)) return true;
    if (this.isRefused(connection) || this.isToHealthPort(connection)) return false;
    return this.inForce.fallbacks.some(({ address }) => address.bytes.length === calledAddress.length);
  }

  private isToHealthPort({ protocol, calledPort }: Connection): boolean {
    return protocol === PROTOCOL_NUMBERS.TCP && calledPort === this.reception.healthPort;
  }

  private hasRule(connection: Connection): boolean {
    const { rules, spreads } = this.inForce;
    this.ports ??= new Set([
      ...rules.map(({ rule }) => portKeyOf(rule)),
      ...spreads.filter(({ targets }) => targets.length > 0).map(keyOfSpread),
    ]);
    return this.ports.has(keyOfCalled(connection));
  }

  /** Whether it leads to a port of a host without an address, which the pod refuses, also beside a fallback. */
  private isRefused(connection: Connection): boolean {
    this.refused ??= new Set(this.inForce.spreads.filter(({ targets }) => targets.length === 0).map(keyOfSpread));
    return this.refused.has(keyOfCalled(connection));
  }
}

function keyOfCalled({ calledAddress, protocol, calledPort = 0 }: Connection): number {
  return portKey(calledAddress.length, protocol, calledPort);
}

function keyOfSpread({ protocol, port, family }: PortSpread): number {
  return portKey(family === 4 ? 4 : 16, PROTOCOL_NUMBERS[protocol], port);
}

/** Whether it began at the port of this rule, and leads to its destination. */
export function isThrough(
  { protocol, calledPort, remoteAddress, remotePort }: Connection,
  { rule }: MarkedRule,
): boolean {
  return (
    protocol === PROTOCOL_NUMBERS[rule.protocol] &&
    calledPort === rule.port &&
    remotePort === rule.targetPort &&
    isSame(remoteAddress, rule.destination)
  );
}

function portKeyOf({ protocol, port, destination }: RedirectRule): number {
  return portKey(destination.bytes.length, PROTOCOL_NUMBERS[protocol], port);
}

/** @param octets of an address of the family */
function portKey(octets: number, protocol: number, port: number): number {
  return (octets * 256 + protocol) * 65536 + port;
}

/** Of 127.0.0.0/8, all of which is the pod's. */
function isLoopback(octets: Uint8Array): boolean {
  return octets.length === 4 && octets[0] === 127;
}

export function isAnyOf(addresses: readonly IpAddress[], octets: Uint8Array): boolean {
  return addresses.some((address) => isSame(octets, address));
}

function isSame(octets: Uint8Array, { bytes }: IpAddress): boolean {
  return octets.length === bytes.length && bytes.every((octet, index) => octet === octets[index]);
}
