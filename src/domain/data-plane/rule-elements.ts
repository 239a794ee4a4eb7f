import type { NetworkConfig } from '../router/network-config';
import type { Family } from '../values/ip-address';
import { type MarkedRule, type MarkedRules, marksOf } from './marked-rules';
import type { NftMap, NftMarkSet } from './nft-table';

/** The elements of these rules, in the maps and sets of their ports and marks. */
export function ruleElements(
  config: NetworkConfig,
  marked: MarkedRules,
): { readonly maps: readonly NftMap[]; readonly sets: readonly NftMarkSet[] } {
  const { counters } = config.options;
  const parts = config.addresses.map(({ cidr: { address } }) => {
    const { family } = address;
    return {
      family,
      rules: marked.rules.filter(({ rule }) => rule.destination.family === family),
      fallbacks: marked.fallbacks.filter((fallback) => fallback.address.family === family),
    };
  });
  return {
    maps: parts.flatMap(({ family, rules }) => maps(family, rules, counters)),
    sets: ['sent', 'received'].map((name) => ({
      kind: 'marks',
      name,
      counter: counters,
      marks: parts.flatMap(marksOf),
    })),
  };
}

/** Name of the map from port to the rule's mark. */
export const marksMap = (family: Family) => `marks${family}`;
/** Name of the map from port to the rule's destination. */
export const redirectMap = (family: Family) => `redirect${family}`;

function maps(family: Family, rules: readonly MarkedRule[], counter: boolean): NftMap[] {
  return [
    {
      kind: 'mark',
      name: marksMap(family),
      elements: rules.map(({ rule: { protocol, port }, mark }) => ({ protocol, port, mark })),
    },
    {
      kind: 'target',
      name: redirectMap(family),
      family,
      counter,
      elements: rules.map(({ rule: { protocol, port, destination: address, targetPort } }) => ({
        protocol,
        port,
        address,
        targetPort,
      })),
    },
  ];
}
