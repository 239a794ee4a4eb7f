import type { ByteReader } from '../byte-reader';
import * as k from './constants';
import type { ObservedRule } from './nft-rule';

/** The values that a rule writes itself, in its order: those of `ct mark set MARK` and `dnat ip to ADDRESS`. */
export function ruleValues({ expressions }: Pick<ObservedRule, 'expressions'>): ByteReader[] {
  const values: ByteReader[] = [];
  for (const { payload } of expressions.attributes()) {
    const expression = payload.attributeMap();
    if (expression.get(k.NFTA_EXPR_NAME)?.text() !== 'immediate') continue;
    const data = expression.get(k.NFTA_EXPR_DATA)?.attributeMap().get(k.NFTA_IMMEDIATE_DATA);
    // A verdict is an immediate too, without a value.
    const value = data?.attributeMap().get(k.NFTA_DATA_VALUE);
    if (value !== undefined) values.push(value);
  }
  return values;
}
