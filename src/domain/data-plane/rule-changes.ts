import { commonEnds } from '../input/common-ends';
import type { NetworkConfig } from '../router/network-config';
import type { RedirectRule } from '../router/redirect-rule';
import { ruleKey } from '../router/redirect-table';
import type { IpAddress } from '../values/ip-address';
import { type MarkedFallback, type MarkedRule, type MarkedRules, marksOf } from './marked-rules';

/** The way from the rules in force to those that are wanted. */
export interface RuleChanges {
  /** What is in force afterwards, in the wanted order. */
  readonly after: MarkedRules;
  /** What goes; a rule that leads elsewhere from now on goes, and comes with another mark. */
  readonly removed: MarkedRules;
  readonly added: MarkedRules;
  /** Those of them that take what no rule took, or a fallback. */
  readonly came: MarkedRules;
  /** Rules and fallbacks that are added, removed or lead elsewhere, each once. */
  readonly count: number;
  /** The mark that was given last. */
  readonly lastMark: number;
  /** Marks of what went: no connection may keep one. */
  readonly freedMarks: readonly number[];
}

/**
 * What has to change.
 *
 * A rule that stays as it is keeps its mark, and so its connections and counters. A new one gets a mark that nobody has, as
 * long after its last owner as there are numbers: by then nothing can be left of that one's connections, which the change
 * that freed it has deleted.
 *
 * @param lastMark the mark that was given last; the search for a free one begins behind it
 */
export function ruleChanges(
  inForce: MarkedRules,
  wanted: Pick<NetworkConfig, 'rules' | 'fallbacks'>,
  lastMark: number = highestMark(inForce),
): RuleChanges {
  const marks = new FreeMarks(inForce, lastMark);
  const rules = kept(inForce.rules, wanted.rules, keyOf, isSameRule, (rule) => ({ rule, mark: marks.next() }));
  const fallbacks = kept(inForce.fallbacks, wanted.fallbacks, fallbackKey, isSameFallback, (address) => ({
    address,
    mark: marks.next(),
  }));
  const removed = { rules: rules.removed, fallbacks: fallbacks.removed };
  return {
    after: { rules: rules.after, fallbacks: fallbacks.after },
    removed,
    added: { rules: rules.added, fallbacks: fallbacks.added },
    came: { rules: rules.came, fallbacks: fallbacks.came },
    count: rules.removed.length + fallbacks.removed.length + rules.came.length + fallbacks.came.length,
    lastMark: marks.last,
    freedMarks: marksOf(removed),
  };
}

/** As ADD gave them out, or a change since. */
export function highestMark(marked: MarkedRules): number {
  return marksOf(marked).reduce((highest, mark) => Math.max(highest, mark), 0);
}

interface Difference<Marked> {
  readonly after: readonly Marked[];
  readonly removed: readonly Marked[];
  readonly added: readonly Marked[];
  /** Those of them that stand where none was. */
  readonly came: readonly Marked[];
}

/** @param key what two of them cannot have at the same time */
function kept<Marked, Wanted>(
  inForce: readonly Marked[],
  wanted: readonly Wanted[],
  key: (one: Marked | Wanted) => number,
  isSame: (marked: Marked, wanted: Wanted) => boolean,
  mark: (wanted: Wanted) => Marked,
): Difference<Marked> {
  // Of thousands, mostly one is different: only what lies between the equal ends is looked up.
  const isEqual = (one: Marked, other: Wanted) => key(one) === key(other) && isSame(one, other);
  const { front, back } = commonEnds(inForce, wanted, isEqual);
  const gone = new Map(inForce.slice(front, inForce.length - back).map((marked) => [key(marked), marked]));
  const added: Marked[] = [];
  const came: Marked[] = [];
  const between = wanted.slice(front, wanted.length - back).map((one) => {
    const own = key(one);
    const earlier = gone.get(own);
    if (earlier !== undefined && isSame(earlier, one)) {
      gone.delete(own);
      return earlier;
    }
    const marked = mark(one);
    added.push(marked);
    if (earlier === undefined) came.push(marked);
    return marked;
  });
  const after = [...inForce.slice(0, front), ...between, ...inForce.slice(inForce.length - back)];
  return { after, removed: [...gone.values()], added, came };
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

/** Marks have 32 bits. */
const HIGHEST_MARK = 0xffffffff;

/** Gives out marks in turn, from 1 again behind the highest, without those that are taken. */
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
