import type { NetworkConfig } from '../router/network-config';
import type { RedirectRule } from '../router/redirect-rule';
import type { IpAddress } from '../values/ip-address';

/** A rule and its connection mark, by which the kernel knows every packet that came through it. */
export interface MarkedRule {
  readonly rule: RedirectRule;
  readonly mark: number;
}

/** Where everything else goes, and the mark of those connections. */
export interface MarkedFallback {
  readonly address: IpAddress;
  readonly mark: number;
}

/** Everything that a router redirects. A mark belongs to one rule or fallback; 0 is nobody's. */
export interface MarkedRules {
  readonly rules: readonly MarkedRule[];
  /** At most one of a family. */
  readonly fallbacks: readonly MarkedFallback[];
}

/** As ADD marks them: a rule by its place in the list, from 1; fallbacks after all rules. */
export function markedByPlace({ rules, fallbacks }: Pick<NetworkConfig, 'rules' | 'fallbacks'>): MarkedRules {
  return {
    rules: rules.map((rule, index) => ({ rule, mark: index + 1 })),
    fallbacks: fallbacks.map((address, index) => ({ address, mark: rules.length + index + 1 })),
  };
}

/** What they redirect. */
export function withoutMarks({ rules, fallbacks }: MarkedRules): Pick<NetworkConfig, 'rules' | 'fallbacks'> {
  return { rules: rules.map(({ rule }) => rule), fallbacks: fallbacks.map(({ address }) => address) };
}

/** Every mark, rules first. */
export function marksOf({ rules, fallbacks }: MarkedRules): number[] {
  return [...rules.map(({ mark }) => mark), ...fallbacks.map(({ mark }) => mark)];
}
