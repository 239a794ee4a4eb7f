import * as k from './constants';
import type { ObservedNftRule } from './observed-rule';

/** A rule that counts connections in a set, and the packets that are over its limit. */
export interface LimitCounter {
  readonly set: string;
  readonly packets: number;
}

/** The counter behind a limit of connections; undefined for any other rule. */
export function limitCounter({ expressions }: Pick<ObservedNftRule, 'expressions'>): LimitCounter | undefined {
  let set: string | undefined;
  for (const { payload } of expressions.attributes()) {
    const expression = payload.attributeMap();
    const name = expression.get(k.NFTA_EXPR_NAME)?.text();
    const data = expression.get(k.NFTA_EXPR_DATA)?.attributeMap();
    if (name === 'dynset') set = data?.get(k.NFTA_DYNSET_SET_NAME)?.text();
    const packets = name === 'counter' ? data?.get(k.NFTA_COUNTER_PACKETS) : undefined;
    // Beyond 2⁵³ a number is no longer exact.
    if (set !== undefined && packets !== undefined)
      return { set, packets: packets.u32be() * 2 ** 32 + packets.u32be(4) };
  }
  return undefined;
}
