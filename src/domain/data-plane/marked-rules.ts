import type { NetworkConfig } from '../router/network-config';
import type { RedirectRule } from '../router/redirect-rule';
import type { IpAddress } from '../values/ip-address';

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

/** Everything that a router redirects. Each rule and fallback has its own mark, never 0. */
export interface MarkedRules {
  readonly rules: readonly MarkedRule[];
  /** At most one of a family. */
  readonly fallbacks: readonly MarkedFallback[];
}

/** Marks rules as ADD does: by their place in the list, from 1; fallbacks after all rules. */
export function markedByPlace({ rules, fallbacks }: Pick<NetworkConfig, 'rules' | 'fallbacks'>): MarkedRules {
  return {
    rules: rules.map((rule, index) => ({ rule, mark: index + 1 })),
    fallbacks: fallbacks.map((address, index) => ({ address, mark: rules.length + index + 1 })),
  };
}

/** The ports of the rules. */
export function withoutMarks({ rules, fallbacks }: MarkedRules): Pick<NetworkConfig, 'rules' | 'fallbacks'> {
  return { rules: rules.map(({ rule }) => rule), fallbacks: fallbacks.map(({ address }) => address) };
}

/** Every mark, rules first. */
export function marksOf({ rules, fallbacks }: MarkedRules): number[] {
  return [...rules.map(({ mark }) => mark), ...fallbacks.map(({ mark }) => mark)];
}
