import type { MarkedFallback, MarkedRule, MarkedRules } from '../../../src/domain/data-plane/marked-rules';
import type { RedirectRule } from '../../../src/domain/router/redirect-rule';
import type { IpAddress } from '../../../src/domain/values/ip-address';
import { PROTOCOL_NUMBERS } from '../../../src/domain/values/protocol';
import type { Connection } from '../../netlink/conntrack/connection';

/** What decides the destination of a client's first packet, besides the rules. */
export interface Reception {
  /** The pod's own addresses on the cluster network. */
  readonly ownAddresses: readonly IpAddress[];
  /** TCP port that a fallback does not apply to. */
  readonly healthPort: number | undefined;
}

/**
 * Finds connections whose first packet would have another destination now: those of a removed or changed rule, those of
 * a fallback on a port with a new rule, and those without a rule on such a port. NAT is decided once; such a connection
 * would persist as long as packets are sent.
 */
export class StaleConnections {
  // Computed lazily: with ten thousand rules each takes milliseconds, and most changes do not need them.
  private marks: ReadonlyMap<number, MarkedRule | MarkedFallback> | undefined;
  private ports: ReadonlySet<number> | undefined;

  public constructor(
    private readonly inForce: MarkedRules,
    private readonly reception: Reception,
  ) {}

  public includes(connection: Connection): boolean {
    const { mark } = connection;
    if (mark === 0) return this.isPassedOver(connection);
    this.marks ??= new Map([...this.inForce.rules, ...this.inForce.fallbacks].map((each) => [each.mark, each]));
    const through = this.marks.get(mark);
    if (through === undefined) return true;
    if ('rule' in through) return !isThrough(connection, through);
    return !isSame(connection.remoteAddress, through.address) || this.hasRule(connection);
  }

  /** Whether a client connected to a port of the pod that had no rule then, but has one now. */
  private isPassedOver(connection: Connection): boolean {
    const { calledAddress, protocol, calledPort } = connection;
    if (!this.reception.ownAddresses.some((address) => isSame(calledAddress, address))) return false;
    if (this.hasRule(connection)) return true;
    if (protocol === PROTOCOL_NUMBERS.TCP && calledPort === this.reception.healthPort) return false;
    return this.inForce.fallbacks.some(({ address }) => address.bytes.length === calledAddress.length);
  }

  private hasRule({ calledAddress, protocol, calledPort = 0 }: Connection): boolean {
    this.ports ??= new Set(this.inForce.rules.map(({ rule }) => portKeyOf(rule)));
    return this.ports.has(portKey(calledAddress.length, protocol, calledPort));
  }
}

function isThrough({ protocol, calledPort, remoteAddress, remotePort }: Connection, { rule }: MarkedRule): boolean {
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

function isSame(octets: Uint8Array, { bytes }: IpAddress): boolean {
  return octets.length === bytes.length && bytes.every((octet, index) => octet === octets[index]);
}
