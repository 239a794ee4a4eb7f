import { ruleKey } from '../router/redirect-table';
import type { Family } from '../values/ip-address';
import { RULE_BITS } from './held-mark';
import { type MarkedRules, markedByPlace, type RuleConfig } from './marked-rules';
import { marksOfSpread, type PortSpread } from './port-spread';
import { spreadKey } from './spread-changes';

/** The marks of ports and fallbacks in the kernel, independent of their destinations, and the ports of hosts. */
export interface MarksInForce {
  /** By `ruleKey`. */
  readonly rules: ReadonlyMap<number, number>;
  readonly fallbacks: ReadonlyMap<Family, number>;
  readonly spreads: readonly PortSpread[];
}

/**
 * The rules and fallbacks of a configuration with the kernel's marks. A missing, zero, duplicate or too large mark is
 * replaced: by the one that ADD would assign if it is free, else by the next free one. The ports of resolved hosts are
 * the configuration's, and their addresses the kernel's: no configuration has them.
 */
export function markedAsInForce(config: RuleConfig, inForce: MarksInForce): MarkedRules {
  const { rules, spreads: wanted, fallbacks } = markedByPlace(config);
  const held = new Map(inForce.spreads.map((each) => [spreadKey(each), each]));
  const spreads = wanted.map((want): PortSpread => {
    const { targets = [], retired = [] } = held.get(spreadKey(want)) ?? {};
    return { ...want, targets, retired };
  });
  const known = [
    ...rules.map(({ rule }) => inForce.rules.get(ruleKey(rule))),
    ...fallbacks.map(({ address }) => inForce.fallbacks.get(address.family)),
  ];
  const marks = distinct(
    known,
    [...rules, ...fallbacks].map(({ mark }) => mark),
    spreads.flatMap(marksOfSpread),
  );
  return {
    rules: rules.map(({ rule }, index) => ({ rule, mark: marks[index]! })),
    spreads,
    fallbacks: fallbacks.map(({ address }, index) => ({ address, mark: marks[rules.length + index]! })),
  };
}

/** A mark for each place: the known one, else the one of its place, else the next free one; never one of others. */
function distinct(
  known: readonly (number | undefined)[],
  byPlace: readonly number[],
  others: readonly number[],
): number[] {
  const taken = new Set([0, ...others]);
  const take = (mark: number | undefined) => {
    if (mark === undefined || mark > RULE_BITS || taken.has(mark)) return undefined;
    taken.add(mark);
    return mark;
  };
  let last = 0;
  const next = () => {
    do last++;
    while (taken.has(last));
    return take(last)!;
  };
  const kept = known.map(take);
  const placed = kept.map((mark, index) => mark ?? take(byPlace[index]));
  return placed.map((mark) => mark ?? next());
}
