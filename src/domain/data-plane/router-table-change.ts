import type { NetworkConfig } from '../router/network-config';
import { type MarkedRules, marksOf } from './marked-rules';
import type { NftMap, NftMarkSet, NftTableChange } from './nft-table';
import { ownServiceChanges } from './own-services';
import { chainsWithFallbacks, type RouterInterfaces } from './router-chains';
import { TABLE_NAME } from './router-table';
import type { RuleChanges } from './rule-changes';
import { ruleElements } from './rule-elements';

/** The table change of a rule change: elements, and the chains with the fallbacks if those change. */
export function routerTableChange(
  config: NetworkConfig,
  interfaces: RouterInterfaces,
  changes: RuleChanges,
): NftTableChange {
  const { after, removed, added } = changes;
  const isOtherFallback = removed.fallbacks.length + added.fallbacks.length > 0;
  const own = ownServiceChanges(config, changes);
  return {
    table: TABLE_NAME,
    remove: [...elements(config, removed), ...own.remove],
    add: [...elements(config, added), ...own.add],
    chains: isOtherFallback ? chainsWithFallbacks(config, interfaces, after) : [],
  };
}

function elements(config: NetworkConfig, marked: MarkedRules): (NftMap | NftMarkSet)[] {
  if (marksOf(marked).length === 0) return [];
  const { maps, sets } = ruleElements(config, marked);
  return [...maps.filter((map) => map.elements.length > 0), ...sets];
}
