import type { ByteReader } from '../byte-reader';
import type { Message, Request } from '../message';
import type { NetlinkSocket } from '../socket';
import * as k from './constants';
import { isHarmless } from './effect';
import { ATTRIBUTES, TABLE_FAMILIES } from './nft-message';

/** A base chain of any table: packets pass it without a jump. */
export interface BaseChain {
  /** Such as `ip nat`, in the syntax of `nft`. */
  readonly table: string;
  readonly name: string;
  readonly hook: string;
  readonly priority: number;
}

/** A table that can drop or change packets. */
export interface EffectiveTable {
  /** Such as `ip nat`. */
  readonly name: string;
  readonly chains: readonly BaseChain[];
}

/**
 * `nft list ruleset`: the tables of every family whose base chains can affect a packet, by their policy or by a rule of
 * the table. Tables that only count or log, are dormant, or have no base chain are omitted.
 *
 * @throws NetlinkError
 */
export function listEffectiveTables(socket: NetlinkSocket): EffectiveTable[] {
  const tables = socket.dump(dumpOf(k.NFT_MSG_GETTABLE));
  const dormant = new Set(tables.filter(isDormant).map((message) => tableName(message, k.NFTA_TABLE_NAME)));
  const effective = new Set<string>();
  const chains = socket.dump(dumpOf(k.NFT_MSG_GETCHAIN)).flatMap((message) => {
    const chain = decodeBaseChain(message);
    if (chain?.policy === k.NF_DROP) effective.add(chain.table);
    return chain === undefined || dormant.has(chain.table) ? [] : [chain];
  });
  // Only the table of each rule is kept, because there may be many.
  socket.dumpInto(
    dumpOf(k.NFT_MSG_GETRULE),
    () => effective,
    (into, message) => {
      const table = tableName(message, k.NFTA_RULE_TABLE);
      if (!into.has(table) && !hasNoEffect(message)) into.add(table);
    },
  );
  const names = [...new Set(chains.map(({ table }) => table))].filter((table) => effective.has(table));
  return names.map((name) => ({ name, chains: chains.filter(({ table }) => table === name) }));
}

/** Of all families. */
function dumpOf(type: number): Request {
  return {
    type: (k.NFNL_SUBSYS_NFTABLES << 8) | type,
    flags: 0,
    operation: 'nft list ruleset',
    write: (writer) => writer.u8(k.NFPROTO_UNSPEC).zeros(3),
  };
}

/** By their numbers; `ingress` of `inet` comes last. */
const IP_HOOKS = ['prerouting', 'input', 'forward', 'output', 'postrouting', 'ingress'];
const HOOKS: Readonly<Record<number, readonly string[]>> = {
  [k.NFPROTO_ARP]: ['input', 'output', 'forward'],
  [k.NFPROTO_NETDEV]: ['ingress', 'egress'],
};

function familyOf({ payload }: Message): number {
  return payload.u8();
}

/** @param attribute by which messages of this kind name their table */
function tableName(message: Message, attribute: number): string {
  const family = familyOf(message);
  return `${TABLE_FAMILIES[family] ?? family} ${message.payload.attributeMap(ATTRIBUTES).get(attribute)?.text() ?? ''}`;
}

function isDormant({ payload }: Message): boolean {
  const flags = payload.attributeMap(ATTRIBUTES).get(k.NFTA_TABLE_FLAGS)?.u32be() ?? 0;
  return (flags & k.NFT_TABLE_F_DORMANT) !== 0;
}

function decodeBaseChain(message: Message): (BaseChain & { readonly policy: number | undefined }) | undefined {
  const attributes = message.payload.attributeMap(ATTRIBUTES);
  const hook = attributes.get(k.NFTA_CHAIN_HOOK)?.attributeMap();
  if (hook === undefined) return undefined;
  const number = hook.get(k.NFTA_HOOK_HOOKNUM)?.u32be() ?? 0;
  const device = hook.get(k.NFTA_HOOK_DEV)?.text();
  const words = (HOOKS[familyOf(message)] ?? IP_HOOKS)[number] ?? String(number);
  return {
    table: tableName(message, k.NFTA_CHAIN_TABLE),
    name: attributes.get(k.NFTA_CHAIN_NAME)?.text() ?? '',
    hook: device === undefined ? words : `${words} of ${device}`,
    priority: hook.get(k.NFTA_HOOK_PRIORITY)?.i32be() ?? 0,
    policy: attributes.get(k.NFTA_CHAIN_POLICY)?.u32be(),
  };
}

function hasNoEffect({ payload }: Message): boolean {
  const list: ByteReader | undefined = payload.attributeMap(ATTRIBUTES).get(k.NFTA_RULE_EXPRESSIONS);
  return list === undefined || [...list.attributes()].every((expression) => isHarmless(expression.payload));
}
