import type { NetworkConfig } from '../router/network-config';
import { type MarkedRules, marksOf } from './marked-rules';
import type { NftMap, NftMarkSet } from './nft-table';
import type { NftTableChange } from './nft-table-change';
import { ownServiceChanges } from './own-services';
import { chainsWithFallbacks } from './router-chains';
import type { RouterInterfaces } from './router-interfaces';
import { TABLE_NAME } from './router-table';
import type { RuleChanges } from './rule-changes';
import { markSets, ruleMaps } from './rule-elements';
import { spreadElementChange } from './spread-elements';

/** The table change of a rule change: elements, and the chains with the fallbacks if those change. */
export function routerTableChange(
  config: NetworkConfig,
  interfaces: RouterInterfaces,
  changes: RuleChanges,
): NftTableChange {
  const { after, removed, added } = changes;
  const isOtherFallback = removed.fallbacks.length + added.fallbacks.length > 0;
  const own = ownServiceChanges(config, changes);
  const spread = spreadElementChange(removed.spreads, added.spreads, config.options.counters);
  const [old, fresh] = [changes.freed.map(({ mark }) => mark), newMarks(changes)];
  return {
    table: TABLE_NAME,
    remove: [...maps(config, removed), ...spread.remove, ...sets(config, old), ...own.remove],
    add: [...maps(config, added), ...spread.add, ...sets(config, fresh), ...own.add],
    chains: isOtherFallback ? chainsWithFallbacks(config, interfaces, after) : [],
  };
}

/** Whether the table has what it is to have. */
export function isEmptyChange({ remove, add, chains }: NftTableChange): boolean {
  return remove.length + add.length + chains.length === 0;
}

function newMarks({ removed, added }: RuleChanges): number[] {
  const known = new Set(marksOf(removed));
  return marksOf(added).filter((mark) => !known.has(mark));
}

function maps(config: NetworkConfig, { rules }: Pick<MarkedRules, 'rules'>): NftMap[] {
  return ruleMaps(config, rules).filter((map) => map.elements.length > 0);
}

function sets(config: NetworkConfig, marks: readonly number[]): NftMarkSet[] {
  return marks.length === 0 ? [] : markSets(config, marks);
}
