import type { NftTable } from '../../../src/domain/data-plane/nft-table';
import { EAGAIN, EINVAL, ENOENT } from '../../ffi/errno';
import type { Message, Request } from '../message';
import { hasErrno, NetlinkError } from '../netlink-error';
import type { NetlinkSocket } from '../socket';
import { addChain, type ChainHeader, decodeChain, listChains } from './chain';
import * as k from './constants';
import { ElementList, listElements } from './element-list';
import { ATTRIBUTES, batch, messageKind, nftRequest } from './nft-message';
import { addNftRule } from './nft-rule';
import { decodeNftRule, listNftRules, type ObservedNftRule } from './observed-rule';
import { addSet, decodeSet, listSets, type SetHeader } from './set';
import { addElements } from './set-elements';
import { addTable, decodeTableHeader, getTable, removeTable, type TableHeader } from './table-header';

/**
 * `nft -f`: the whole table, which must not exist.
 *
 * Elements come before the rules that use them: the kernel then checks each of them once, and not against every rule.
 */
export function createTable(table: NftTable): Request[] {
  const { name, maps, sets, chains } = table;
  const all = [...maps, ...sets];
  return batch(`nft create table inet ${name}`, [
    addTable(table),
    ...chains.map((chain) => addChain(name, chain)),
    ...all.flatMap((set, index) => [addSet(name, set, index + 1), ...addElements(name, set)]),
    ...chains.flatMap((chain) => chain.rules.map((rule) => addNftRule(name, chain.name, rule))),
  ]);
}

/** `nft delete table inet NAME`, with everything in it */
export function deleteTable(name: string): Request[] {
  return batch(`nft delete table inet ${name}`, [removeTable(name)]);
}

/** A table in the kernel. */
export interface ObservedTable extends TableHeader {
  readonly chains: readonly ChainHeader[];
  readonly sets: readonly ObservedSet[];
  readonly rules: readonly ObservedNftRule[];
}

export interface ObservedSet extends SetHeader {
  readonly elements: ElementList;
}

/** A table that changes while it is read is read again, up to this many times. */
const READ_ATTEMPTS = 10;

/**
 * `nft list table inet NAME`; nothing without such a table, or without nf_tables in the kernel. The result is
 * consistent: each list detects concurrent changes, but several lists need the generation for it.
 *
 * @throws NetlinkError
 */
export function readTable(socket: NetlinkSocket, name: string): ObservedTable | undefined {
  const generation = () => unlessAbsent(() => readGeneration(socket));
  for (let attempt = 1; attempt <= READ_ATTEMPTS; attempt++) {
    const before = generation();
    const table = unlessAbsent(() => decodeTable(tableMessages(socket, name)));
    if (generation() === before) return table;
  }
  throw new NetlinkError(
    `nft list table inet ${name}`,
    EAGAIN,
    `it changed during ${READ_ATTEMPTS} attempts to read it`,
  );
}

function tableMessages(socket: NetlinkSocket, name: string): Message[] {
  const header = socket.get(getTable(name));
  const sets = socket.dump(listSets(name));
  return [
    header,
    ...socket.dump(listChains()),
    ...sets,
    ...sets.map(decodeSet).flatMap((set) => (isDynamicSet(set) ? [] : socket.dump(listElements(name, set.name)))),
    ...socket.dump(listNftRules(name)),
  ];
}

/** Its elements come and go with packets, or with time, and do not belong to what the table is. */
function isDynamicSet({ flags }: SetHeader): boolean {
  return (flags & (k.NFT_SET_EVAL | k.NFT_SET_TIMEOUT)) !== 0;
}

/** The comment of `table inet NAME`; nothing without such a table, a comment, or nf_tables in the kernel. */
export function readTableComment(socket: NetlinkSocket, name: string): string | undefined {
  return unlessAbsent(() => decodeTableHeader(socket.get(getTable(name))).comment);
}

/** The kernel answers EINVAL for a part of netfilter that it lacks. */
function unlessAbsent<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (hasErrno(error, ENOENT, EINVAL)) return undefined;
    throw error;
  }
}

/** Decodes a table from messages of the kernel or our own, without the parts of other tables. */
export function decodeTable(messages: readonly Message[]): ObservedTable {
  const of = (kind: number) => messages.filter((message) => messageKind(message) === kind);
  const [first] = of(k.NFT_MSG_NEWTABLE);
  if (first === undefined) throw new RangeError('no table in the netlink messages');
  const header = decodeTableHeader(first);
  const sets = new Map<string, ObservedSet>();
  for (const message of of(k.NFT_MSG_NEWSET)) {
    const set = decodeSet(message);
    // An anonymous set belongs to its rule.
    if (!set.isAnonymous) sets.set(set.name, { ...set, elements: new ElementList(set) });
  }
  for (const message of of(k.NFT_MSG_NEWSETELEM)) ElementList.read(message, (name) => sets.get(name)?.elements);
  return {
    ...header,
    chains: of(k.NFT_MSG_NEWCHAIN)
      .map(decodeChain)
      .filter(({ table }) => table === header.name)
      .map(({ chain }) => chain),
    sets: [...sets.values()],
    rules: of(k.NFT_MSG_NEWRULE).map(decodeNftRule),
  };
}

/** The generation of the namespace's tables, which changes with every transaction of any program. */
export function readGeneration(socket: NetlinkSocket): number {
  const { payload } = socket.get(nftRequest(k.NFT_MSG_GETGEN, 0, 'nft monitor (generation)', () => undefined));
  return payload.attributeMap(ATTRIBUTES).get(k.NFTA_GEN_ID)?.u32be() ?? 0;
}

/** The next generation, unless another program commits a transaction: a 32-bit number, never 0. */
export function nextGeneration(generation: number): number {
  return (generation + 1) >>> 0 || 1;
}
