import { commonEnds } from '../input/collections';
import type { NetworkConfig } from '../router/network-config';
import type { RedirectRule } from '../router/redirect-rule';
import { ruleKey } from '../router/redirect-table';
import type { IpAddress } from '../values/ip-address';
import { type MarkedFallback, type MarkedRule, type MarkedRules, marksOf } from './marked-rules';

/** The change from the rules in force to the wanted ones. */
export interface RuleChanges {
  /** The rules in force after the change, in the wanted order. */
  readonly after: MarkedRules;
  /** Removed rules; a rule with a new destination is removed, and added with a new mark. */
  readonly removed: MarkedRules;
  readonly added: MarkedRules;
  /** Added rules on ports that no rule, at most the fallback, served before. */
  readonly newPorts: MarkedRules;
  /** The number of rules and fallbacks that are added, removed or changed, each counted once. */
  readonly count: number;
  /** The mark that was assigned last. */
  readonly lastMark: number;
  /** Marks of removed rules: connections with these must be deleted. */
  readonly freedMarks: readonly number[];
}

/**
 * Computes the change of the rules.
 *
 * An unchanged rule keeps its mark, and with it its connections and counters. A new one gets a free mark, and marks are
 * reused as late as possible: the connections of the last owner were deleted by the change that freed the mark, and
 * none may be left.
 *
 * @param lastMark the mark that was assigned last; the search for a free one starts after it
 */
export function ruleChanges(
  inForce: MarkedRules,
  wanted: Pick<NetworkConfig, 'rules' | 'fallbacks'>,
  lastMark: number = highestMark(inForce),
): RuleChanges {
  const marks = new FreeMarks(inForce, lastMark);
  const rules = changeOf(inForce.rules, wanted.rules, keyOf, isSameRule, (rule) => ({ rule, mark: marks.next() }));
  const fallbacks = changeOf(inForce.fallbacks, wanted.fallbacks, fallbackKey, isSameFallback, (address) => ({
    address,
    mark: marks.next(),
  }));
  const removed = { rules: rules.removed, fallbacks: fallbacks.removed };
  return {
    after: { rules: rules.after, fallbacks: fallbacks.after },
    removed,
    added: { rules: rules.added, fallbacks: fallbacks.added },
    newPorts: { rules: rules.newPorts, fallbacks: fallbacks.newPorts },
    count: rules.removed.length + fallbacks.removed.length + rules.newPorts.length + fallbacks.newPorts.length,
    lastMark: marks.last,
    freedMarks: marksOf(removed),
  };
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

/** Marks have 31 bits; the highest bit of a connection's mark is reserved. */
const HIGHEST_MARK = 0x7fffffff;

/** Assigns free marks in turn, and starts again at 1 after the highest. */
class FreeMarks {
  private taken: ReadonlySet<number> | undefined;

  public constructor(
    private readonly inForce: MarkedRules,
    public last: number,
  ) {}

  public next(): number {
    this.taken ??= new Set(marksOf(this.inForce));
    do this.last = this.last >= HIGHEST_MARK ? 1 : this.last + 1;
    while (this.taken.has(this.last));
    return this.last;
  }
}
