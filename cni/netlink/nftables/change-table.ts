import type { NftChain, NftMap, NftSet, NftTable, NftTableChange } from '../../../src/domain/data-plane/nft-table';
import type { Request } from '../message';
import * as k from './constants';
import { batch, nftRequest } from './nft-message';
import { addNftRule } from './nft-rule';
import { addSet, deleteSet } from './set';
import { addElements, deleteElements } from './set-elements';

/*
 * Changes of a table that exists. Each is one transaction: a packet meets the old table or the new one. A transaction
 * is bound to the generation that it was made for, and refused with ERESTART when the kernel is at another.
 */

/** `nft -f`: what is different, and nothing else. Elements that stay keep their counters. */
export function changeTable({ table, remove, add, chains }: NftTableChange, generation: number): Request[] {
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
 * `nft -f`: the same chains, with maps, sets and rules made anew. Sets that have to hold more than they were made for
 * cannot grow.
 *
 * The chains stay. Were the table deleted and made again, the kernel would for a moment have two of each: the old ones,
 * already empty, would drop what passes.
 */
export function refillTable({ name, maps, sets, chains }: NftTable, generation: number): Request[] {
  const all: readonly (NftMap | NftSet)[] = [...maps, ...sets];
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
