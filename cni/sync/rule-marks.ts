import { type MarkedRule, type MarkedRules, singleRules } from '../../src/domain/data-plane/marked-rules';
import type { PortSpread } from '../../src/domain/data-plane/port-spread';
import { PROTOCOL_NUMBERS, type Protocol } from '../../src/domain/values/protocol';
import { isAnyOf } from '../data-plane/stale-connections';
import type { SyncedConnection } from './synced-connection';

/**
 * Finds the mark that a connection has by the rules of this pod. Marks are numbers of one kernel's table: those of the
 * other pod may differ.
 */
export class RuleMarks {
  private readonly byPort = new Map<number, MarkedRule[]>();
  /** Ports of hosts that have no address now: a fallback does not apply to them. */
  private readonly taken = new Set<number>();

  public constructor(private readonly rules: MarkedRules) {
    for (const each of singleRules(rules)) {
      const { protocol, port, destination } = each.rule;
      const key = portKey(PROTOCOL_NUMBERS[protocol], port, destination.family);
      const known = this.byPort.get(key);
      if (known === undefined) this.byPort.set(key, [each]);
      else known.push(each);
    }
    for (const spread of rules.spreads) this.taken.add(keyOfSpread(spread));
  }

  /** Nothing if no rule would lead the connection where it leads. */
  public of({ protocol, client, calledPort, server, serverPort }: SyncedConnection): number | undefined {
    const key = portKey(protocol, calledPort, client.length === 4 ? 4 : 6);
    const ofPort = this.byPort.get(key);
    if (ofPort !== undefined) {
      return ofPort.find(({ rule }) => rule.targetPort === serverPort && isAnyOf([rule.destination], server))?.mark;
    }
    if (this.taken.has(key) || calledPort !== serverPort) return undefined;
    return this.rules.fallbacks.find(({ address }) => isAnyOf([address], server))?.mark;
  }
}

function keyOfSpread({ protocol, port, family }: PortSpread): number {
  return portKey(PROTOCOL_NUMBERS[protocol satisfies Protocol], port, family);
}

function portKey(protocol: number, port: number, family: number): number {
  return (family * 256 + protocol) * 65536 + port;
}
