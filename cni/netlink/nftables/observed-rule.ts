import type { ByteReader } from '../byte-reader';
import type { Message, Request } from '../message';
import * as k from './constants';
import { ATTRIBUTES, nftRequest } from './nft-message';

/** A rule in the kernel. */
export interface ObservedNftRule {
  readonly chain: string;
  /** Identifies it for `nft delete rule`; 0 for a rule that was not sent yet. */
  readonly handle: bigint;
  /** NFTA_RULE_EXPRESSIONS */
  readonly expressions: ByteReader;
}

/** `nft list table inet TABLE`, its rules */
export function listNftRules(table: string): Request {
  return nftRequest(k.NFT_MSG_GETRULE, 0, `nft list table inet ${table}`, (writer) =>
    writer.attribute(k.NFTA_RULE_TABLE, (w) => w.text(table)),
  );
}

export function decodeNftRule({ payload }: Pick<Message, 'payload'>): ObservedNftRule {
  const attributes = payload.attributeMap(ATTRIBUTES);
  const handle = attributes.get(k.NFTA_RULE_HANDLE);
  return {
    chain: attributes.get(k.NFTA_RULE_CHAIN)?.text() ?? '',
    handle: handle === undefined ? 0n : (BigInt(handle.u32be()) << 32n) | BigInt(handle.u32be(4)),
    expressions: attributes.get(k.NFTA_RULE_EXPRESSIONS) ?? payload.slice(payload.length),
  };
}

/** The constants in a rule, in order: those of `ct mark set MARK` and `dnat ip to ADDRESS`. */
export function nftRuleValues({ expressions }: Pick<ObservedNftRule, 'expressions'>): ByteReader[] {
  const values: ByteReader[] = [];
  for (const { payload } of expressions.attributes()) {
    const expression = payload.attributeMap();
    if (expression.get(k.NFTA_EXPR_NAME)?.text() !== 'immediate') continue;
    const data = expression.get(k.NFTA_EXPR_DATA)?.attributeMap().get(k.NFTA_IMMEDIATE_DATA);
    // A verdict is an immediate without a value.
    const value = data?.attributeMap().get(k.NFTA_DATA_VALUE);
    if (value !== undefined) values.push(value);
  }
  return values;
}
