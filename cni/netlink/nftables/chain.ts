import type { NftChain, NftHook } from '../../../src/domain/data-plane/nft-table';
import { type Message, NLM_F_CREATE, type Request } from '../message';
import * as k from './constants';
import { ATTRIBUTES, nftRequest } from './nft-message';

/** A chain in the kernel; only a base chain has more than a name. */
export interface ChainHeader {
  readonly name: string;
  readonly type?: string;
  readonly hook?: NftHook;
  readonly priority?: number;
  readonly policy?: 'accept' | 'drop';
}

/** By their number, `enum nf_inet_hooks`. */
const HOOKS: readonly NftHook[] = ['prerouting', 'input', 'forward', 'output', 'postrouting'];

/** `nft add chain inet TABLE NAME { type TYPE hook HOOK priority PRIORITY; policy POLICY; }` */
export function addChain(table: string, { name, type, hook, priority, policy }: NftChain): Request {
  return nftRequest(k.NFT_MSG_NEWCHAIN, NLM_F_CREATE, `nft add chain inet ${table} ${name}`, (writer) =>
    writer
      .attribute(k.NFTA_CHAIN_TABLE, (w) => w.text(table))
      .attribute(k.NFTA_CHAIN_NAME, (w) => w.text(name))
      .attribute(k.NFTA_CHAIN_TYPE, (w) => w.text(type))
      .numberAttribute(k.NFTA_CHAIN_POLICY, policy === 'accept' ? k.NF_ACCEPT : k.NF_DROP)
      .nested(k.NFTA_CHAIN_HOOK, (nest) =>
        nest.numberAttribute(k.NFTA_HOOK_HOOKNUM, HOOKS.indexOf(hook)).numberAttribute(k.NFTA_HOOK_PRIORITY, priority),
      ),
  );
}

/** `nft list chains inet`; the kernel lists those of every table */
export function listChains(): Request {
  return nftRequest(k.NFT_MSG_GETCHAIN, 0, 'nft list chains inet', () => undefined);
}

/** A chain and its table's name. */
export function decodeChain({ payload }: Pick<Message, 'payload'>): { table: string; chain: ChainHeader } {
  const attributes = payload.attributeMap(ATTRIBUTES);
  const hook = attributes.get(k.NFTA_CHAIN_HOOK)?.attributeMap();
  const policy = attributes.get(k.NFTA_CHAIN_POLICY)?.u32be();
  return {
    table: attributes.get(k.NFTA_CHAIN_TABLE)?.text() ?? '',
    chain: {
      name: attributes.get(k.NFTA_CHAIN_NAME)?.text() ?? '',
      type: attributes.get(k.NFTA_CHAIN_TYPE)?.text(),
      hook: HOOKS[hook?.get(k.NFTA_HOOK_HOOKNUM)?.u32be() ?? -1],
      priority: hook?.get(k.NFTA_HOOK_PRIORITY)?.i32be(),
      policy: policy === undefined ? undefined : policy === k.NF_DROP ? 'drop' : 'accept',
    },
  };
}
