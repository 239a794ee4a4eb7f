import type { NetworkConfig } from '../router/network-config';
import type { RedirectRule } from '../router/redirect-rule';
import type { IpAddress } from '../values/ip-address';
import { admittedTargets, emptySpread, marksOfSpread, type PortSpread, wantedSpreads } from './port-spread';

/** A rule and its connection mark, which identifies the packets of its connections in the kernel. */
export interface MarkedRule {
  readonly rule: RedirectRule;
  readonly mark: number;
}

/** The destination of all other ports, and the mark of those connections. */
export interface MarkedFallback {
  readonly address: IpAddress;
  readonly mark: number;
}

/** Everything that a router redirects. Each rule, destination of a spread and fallback has its own mark, never 0. */
export interface MarkedRules {
  readonly rules: readonly MarkedRule[];
  /** The ports of hosts that the router resolves. */
  readonly spreads: readonly PortSpread[];
  /** At most one of a family. */
  readonly fallbacks: readonly MarkedFallback[];
}

/** What decides the redirected ports. */
export type RuleConfig = Pick<NetworkConfig, 'rules' | 'hosts' | 'addresses' | 'resolver' | 'fallbacks'>;

export const NO_RULES: MarkedRules = { rules: [], spreads: [], fallbacks: [] };

/** Marks rules as ADD does: by their place in the list, from 1; fallbacks after all rules. No host is resolved then. */
export function markedByPlace(config: RuleConfig): MarkedRules {
  const { rules, fallbacks } = config;
  return {
    rules: rules.map((rule, index) => ({ rule, mark: index + 1 })),
    spreads: wantedSpreads(config).map(emptySpread),
    fallbacks: fallbacks.map((address, index) => ({ address, mark: rules.length + index + 1 })),
  };
}

/** Every destination of a port as a rule, those of resolved hosts too. */
export function singleRules({ rules, spreads }: Pick<MarkedRules, 'rules' | 'spreads'>): readonly MarkedRule[] {
  return spreads.length === 0 ? rules : [...rules, ...spreads.flatMap(rulesOfSpread)];
}

function rulesOfSpread(spread: PortSpread): MarkedRule[] {
  const { protocol, port, targetPort, host } = spread;
  return admittedTargets(spread).map(({ address: destination, mark }) => ({
    rule: { protocol, port, destination, targetPort, host },
    mark,
  }));
}

/** The destinations of all ports. */
export function withoutMarks(marked: MarkedRules): Pick<NetworkConfig, 'rules' | 'fallbacks'> {
  return {
    rules: singleRules(marked).map(({ rule }) => rule),
    fallbacks: marked.fallbacks.map(({ address }) => address),
  };
}

/** Every mark, rules first. */
export function marksOf({ rules, spreads, fallbacks }: MarkedRules): number[] {
  return [...rules.map(({ mark }) => mark), ...spreads.flatMap(marksOfSpread), ...fallbacks.map(({ mark }) => mark)];
}
