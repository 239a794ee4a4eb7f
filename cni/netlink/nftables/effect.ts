import type { ByteReader } from '../byte-reader';
import * as k from './constants';

const NEVER = () => false;

/**
 * Known expressions, and whether one changes or drops packets. Unknown expressions may do anything.
 */
const HAS_EFFECT: Readonly<Record<string, (data: ReadonlyMap<number, ByteReader>) => boolean>> = {
  bitwise: NEVER,
  byteorder: NEVER,
  cmp: NEVER,
  connlimit: NEVER,
  counter: NEVER,
  // It fills a set, and a rule may end there.
  dynset: NEVER,
  fib: NEVER,
  hash: NEVER,
  last: NEVER,
  limit: NEVER,
  log: NEVER,
  match: NEVER,
  numgen: NEVER,
  osf: NEVER,
  quota: NEVER,
  range: NEVER,
  rt: NEVER,
  socket: NEVER,
  xfrm: NEVER,
  ct: (data) => data.has(k.NFTA_CT_SREG),
  exthdr: (data) => data.has(k.NFTA_EXTHDR_SREG),
  meta: (data) => data.has(k.NFTA_META_SREG),
  payload: (data) => data.has(k.NFTA_PAYLOAD_SREG),
  immediate: (data) => !PASSING.includes(verdictOf(data.get(k.NFTA_IMMEDIATE_DATA)) ?? k.NFT_CONTINUE),
  // A map of verdicts.
  lookup: (data) => data.get(k.NFTA_LOOKUP_DREG)?.u32be() === k.NFT_REG_VERDICT,
  objref: (data) => !LOOKING_OBJECTS.includes(data.get(k.NFTA_OBJREF_IMM_TYPE)?.u32be() ?? 0),
};

/**
 * Verdicts that let a packet continue: to other chains of the table, which are examined as well, or to other tables.
 */
const PASSING: readonly number[] = [k.NF_ACCEPT, k.NFT_CONTINUE, k.NFT_BREAK, k.NFT_JUMP, k.NFT_GOTO, k.NFT_RETURN];

const LOOKING_OBJECTS: readonly number[] = [
  k.NFT_OBJECT_COUNTER,
  k.NFT_OBJECT_QUOTA,
  k.NFT_OBJECT_LIMIT,
  k.NFT_OBJECT_CONNLIMIT,
];

/** Whether an expression of a rule has no effect on packets. @param expression NFTA_LIST_ELEM */
export function isHarmless(expression: ByteReader): boolean {
  const attributes = expression.attributeMap();
  const hasEffect = HAS_EFFECT[attributes.get(k.NFTA_EXPR_NAME)?.text() ?? ''];
  return hasEffect !== undefined && !hasEffect(attributes.get(k.NFTA_EXPR_DATA)?.attributeMap() ?? new Map());
}

/** Nothing for a value that is not a verdict. */
function verdictOf(data: ByteReader | undefined): number | undefined {
  return data?.attributeMap().get(k.NFTA_DATA_VERDICT)?.attributeMap().get(k.NFTA_VERDICT_CODE)?.i32be();
}
