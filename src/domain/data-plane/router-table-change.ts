import type { NetworkConfig } from '../router/network-config';
import { type MarkedRules, marksOf } from './marked-rules';
import type { NftMap, NftSet, NftTableChange } from './nft-table';
import { preroutingChain, type RouterInterfaces, routerElements, TABLE_NAME } from './router-table';
import type { RuleChanges } from './rule-changes';

/** The table change of a rule change: elements, and the chain with the fallbacks if those change. */
export function routerTableChange(
  config: NetworkConfig,
  interfaces: RouterInterfaces,
  { after, removed, added }: RuleChanges,
): NftTableChange {
  const isOtherFallback = removed.fallbacks.length + added.fallbacks.length > 0;
  return {
    table: TABLE_NAME,
    remove: elements(config, removed),
    add: elements(config, added),
    chains: isOtherFallback ? [preroutingChain(config, interfaces, after)] : [],
  };
}

function elements(config: NetworkConfig, marked: MarkedRules): (NftMap | NftSet)[] {
  if (marksOf(marked).length === 0) return [];
  const { maps, sets } = routerElements(config, marked);
  return [...maps.filter((map) => map.elements.length > 0), ...sets];
}
