import type { MarkedFallback, MarkedRule, MarkedRules } from '../../../src/domain/data-plane/marked-rules';
import type { RedirectRule } from '../../../src/domain/router/redirect-rule';
import type { IpAddress } from '../../../src/domain/values/ip-address';
import { PROTOCOL_NUMBERS } from '../../../src/domain/values/protocol';
import type { Connection } from '../../netlink/conntrack/connection';

/** What decides where a client's first packet goes, beside the rules. */
export interface Reception {
  /** The pod's own addresses on the cluster network. */
  readonly ownAddresses: readonly IpAddress[];
  /** TCP port that no fallback takes. */
  readonly healthPort: number | undefined;
}

/**
 * Tells connections that are not where their first packet would go if it came now: of a rule that is gone or leads
 * elsewhere, of a fallback where a rule has come, or of none where there is one. NAT is decided once; such a connection
 * would stay as it is for as long as somebody sends.
 */
export class StaleConnections {
  // Of ten thousand rules each of these takes milliseconds; most changes meet no connection that asks for them.
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

  /** Whether a client called the pod where nobody listened at the time, and somebody does now. */
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
