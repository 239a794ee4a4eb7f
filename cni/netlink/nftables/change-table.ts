import {
  isDynamic,
  type NftChain,
  type NftMap,
  type NftSet,
  type NftTable,
} from '../../../src/domain/data-plane/nft-table';
import type { NftTableChange } from '../../../src/domain/data-plane/nft-table-change';
import type { Request } from '../message';
import * as k from './constants';
import { batch, nftRequest } from './nft-message';
import { addNftRule } from './nft-rule';
import { addSet, deleteSet } from './set';
import { addElements, deleteElements } from './set-elements';

/*
 * Changes of an existing table. Each is one transaction: a packet meets either the old or the new table. A transaction
 * is bound to a generation, and rejected with ERESTART if the kernel is at another one.
 */

/**
 * `nft -f` with the differences only. Unchanged elements keep their counters.
 *
 * @param generation absent: any, for a table that others cannot change
 */
export function changeTable({ table, remove, add, chains }: NftTableChange, generation?: number): Request[] {
  return batch(
    `change table inet ${table}`,
    [
      ...remove.flatMap((set) => deleteElements(table, set)),
      ...add.flatMap((set) => addElements(table, set)),
      ...chains.flatMap((chain) => [deleteNftRules(table, chain), ...addNftRules(table, chain)]),
    ],
    generation,
  );
}

/**
 * `nft -f`: the same chains, with recreated maps, sets and rules, because sets cannot grow beyond their size.
 *
 * The chains stay. If the table were deleted and recreated, the kernel would have two of each chain for a moment, and
 * the old ones, already empty, would drop packets.
 */
export function refillTable({ name, maps, sets, chains }: NftTable, generation: number): Request[] {
  // The kernel would forget the connections that it counted.
  const all: readonly (NftMap | NftSet)[] = [...maps, ...sets].filter((set) => !isDynamic(set));
  return batch(
    `make the sets of table inet ${name} anew`,
    [
      ...chains.map((chain) => deleteNftRules(name, chain)),
      ...all.map((set) => deleteSet(name, set)),
      ...all.flatMap((set, index) => [addSet(name, set, index + 1), ...addElements(name, set)]),
      ...chains.flatMap((chain) => addNftRules(name, chain)),
    ],
    generation,
  );
}

/** `nft flush chain inet TABLE CHAIN` */
function deleteNftRules(table: string, { name }: NftChain): Request {
  return nftRequest(k.NFT_MSG_DELRULE, 0, `nft flush chain inet ${table} ${name}`, (writer) =>
    writer.attribute(k.NFTA_RULE_TABLE, (w) => w.text(table)).attribute(k.NFTA_RULE_CHAIN, (w) => w.text(name)),
  );
}

function addNftRules(table: string, { name, rules }: NftChain): Request[] {
  return rules.map((rule) => addNftRule(table, name, rule));
}
