import { commonEnds } from '../input/collections';
import type { NetworkConfig } from '../router/network-config';
import type { RedirectRule } from '../router/redirect-rule';
import { ruleKey } from '../router/redirect-table';
import type { IpAddress } from '../values/ip-address';
import { RULE_BITS } from './held-mark';
import {
  type MarkedFallback,
  type MarkedRule,
  type MarkedRules,
  marksOf,
  type RuleConfig,
  singleRules,
} from './marked-rules';
import { type AddressesOf, marksOfSpread, type PortSpread, type WantedSpread, wantedSpreads } from './port-spread';
import { spreadChanges } from './spread-changes';

/** The change from the rules in force to the wanted ones. */
export interface RuleChanges {
  /** The rules in force after the change, in the wanted order. */
  readonly after: MarkedRules;
  /**
   * Removed rules; a rule with a new destination is removed, and added with a new mark. A spread that changes is here
   * as it was, and among the added ones as it becomes.
   */
  readonly removed: MarkedRules;
  readonly added: MarkedRules;
  /** Added rules on ports that no rule, at most the fallback, served before; hosts that have an address again, too. */
  readonly newPorts: MarkedRules;
  /**
   * The number of rules, ports of resolved hosts and fallbacks that are added, removed or changed, each counted once:
   * not those whose host has other addresses.
   */
  readonly count: number;
  /** The mark that was assigned last. */
  readonly lastMark: number;
  /** Removed rules, destinations and fallbacks: their connections must be deleted, and their marks are free. */
  readonly freed: readonly (MarkedRule | MarkedFallback)[];
}

/** What is to be in force. */
export interface WantedRules extends Pick<NetworkConfig, 'rules' | 'fallbacks'> {
  readonly spreads: readonly WantedSpread[];
}

/** The rules of a configuration. @param addressesOf of resolved hosts; absent: those in force */
export function wantedRules(config: RuleConfig, addressesOf?: AddressesOf): WantedRules {
  const { rules, fallbacks } = config;
  return { rules, fallbacks, spreads: wantedSpreads(config, addressesOf) };
}

const NONE: ReadonlySet<number> = new Set();

/**
 * Computes the change of the rules.
 *
 * An unchanged rule keeps its mark, and with it its connections and counters. A new one gets a free mark, and marks are
 * reused as late as possible: the connections of the last owner were deleted by the change that freed the mark, and
 * none may be left.
 *
 * @param lastMark the mark that was assigned last; the search for a free one starts after it
 * @param ended marks of retired destinations whose last connection has ended
 */
export function ruleChanges(
  inForce: MarkedRules,
  wanted: WantedRules,
  lastMark: number = highestMark(inForce),
  ended = NONE,
): RuleChanges {
  const marks = new FreeMarks(inForce, lastMark);
  const rules = changeOf(inForce.rules, wanted.rules, keyOf, isSameRule, (rule) => ({ rule, mark: marks.next() }));
  const spreads = spreadChanges(inForce.spreads, wanted.spreads, { nextMark: () => marks.next(), ended });
  const fallbacks = changeOf(inForce.fallbacks, wanted.fallbacks, fallbackKey, isSameFallback, (address) => ({
    address,
    mark: marks.next(),
  }));
  const parts = { rules, spreads, fallbacks };
  const changed = [...rules.removed, ...fallbacks.removed, ...rules.newPorts, ...fallbacks.newPorts];
  return {
    after: partOf(parts, 'after'),
    removed: partOf(parts, 'removed'),
    added: partOf(parts, 'added'),
    newPorts: partOf(parts, 'newPorts'),
    count: changed.length + spreads.count,
    lastMark: marks.last,
    freed: [...rules.removed, ...fallbacks.removed, ...targetsWithout(spreads.removed, spreads.added)],
  };
}

/** The destinations of spreads that go or change, which none of them has afterwards. */
function targetsWithout(spreads: readonly PortSpread[], others: readonly PortSpread[]): MarkedRule[] {
  const kept = new Set(others.flatMap(marksOfSpread));
  return singleRules({ rules: [], spreads }).filter(({ mark }) => !kept.has(mark));
}

type Part = 'after' | 'removed' | 'added' | 'newPorts';

function partOf(
  changes: { readonly [Kind in keyof MarkedRules]: Readonly<Record<Part, MarkedRules[Kind]>> },
  part: Part,
): MarkedRules {
  return { rules: changes.rules[part], spreads: changes.spreads[part], fallbacks: changes.fallbacks[part] };
}

/** The highest mark in force, assigned by ADD or by a later change. */
export function highestMark(marked: MarkedRules): number {
  return marksOf(marked).reduce((highest, mark) => Math.max(highest, mark), 0);
}

interface MarkedChange<Marked> {
  readonly after: readonly Marked[];
  readonly removed: readonly Marked[];
  readonly added: readonly Marked[];
  /** Added items whose key was not in use before. */
  readonly newPorts: readonly Marked[];
}

/** @param key unique among the items of a list */
function changeOf<Marked, Wanted>(
  inForce: readonly Marked[],
  wanted: readonly Wanted[],
  key: (one: Marked | Wanted) => number,
  isSame: (marked: Marked, wanted: Wanted) => boolean,
  mark: (wanted: Wanted) => Marked,
): MarkedChange<Marked> {
  // Usually one of thousands differs: only the items between the equal ends are compared.
  const isEqual = (one: Marked, other: Wanted) => key(one) === key(other) && isSame(one, other);
  const { front, back } = commonEnds(inForce, wanted, isEqual);
  const gone = new Map(inForce.slice(front, inForce.length - back).map((marked) => [key(marked), marked]));
  const added: Marked[] = [];
  const newPorts: Marked[] = [];
  const between = wanted.slice(front, wanted.length - back).map((one) => {
    const own = key(one);
    const earlier = gone.get(own);
    if (earlier !== undefined && isSame(earlier, one)) {
      gone.delete(own);
      return earlier;
    }
    const marked = mark(one);
    added.push(marked);
    if (earlier === undefined) newPorts.push(marked);
    return marked;
  });
  const after = [...inForce.slice(0, front), ...between, ...inForce.slice(inForce.length - back)];
  return { after, removed: [...gone.values()], added, newPorts };
}

function keyOf(one: MarkedRule | RedirectRule): number {
  return ruleKey('rule' in one ? one.rule : one);
}

function isSameRule({ rule }: MarkedRule, other: RedirectRule): boolean {
  return rule === other || (rule.destination.text === other.destination.text && rule.targetPort === other.targetPort);
}

function fallbackKey(one: MarkedFallback | IpAddress): number {
  return 'address' in one ? one.address.family : one.family;
}

function isSameFallback({ address }: MarkedFallback, { text }: IpAddress): boolean {
  return address.text === text;
}

/** Assigns free marks in turn, and starts again at 1 after the highest. */
class FreeMarks {
  private taken: ReadonlySet<number> | undefined;

  public constructor(
    private readonly inForce: MarkedRules,
    public last: number,
  ) {}

  public next(): number {
    this.taken ??= new Set(marksOf(this.inForce));
    do this.last = this.last >= RULE_BITS ? 1 : this.last + 1;
    while (this.taken.has(this.last));
    return this.last;
  }
}
