import type { IpAddress } from '../../../src/domain/values/ip-address';
import type { Finding, FindingId } from '../finding';
import type { ShellCommand } from '../shell-command';

/** What is wrong with a name. */
export interface NameTrouble {
  readonly id: Extract<FindingId, `name-${string}`>;
  readonly name: string;
  /** The sentence about this name, without its full stop. */
  readonly problem: string;
  /** The same about several names: those with the same sentence are one finding. */
  readonly ofSeveral: string;
  /** What the details say of the name, such as what its clients get. */
  readonly notes: readonly string[];
  readonly explanation: string;
  readonly commands: readonly ShellCommand[];
}

/** The findings: one for all names with the same trouble. */
export function findingsOf(troubles: readonly NameTrouble[]): Finding[] {
  const kinds = new Set(troubles.map(kindOf));
  return [...kinds].map((kind) => finding(troubles.filter((each) => kindOf(each) === kind)));
}

function kindOf({ id, ofSeveral }: NameTrouble): string {
  return `${id} ${ofSeveral}`;
}

function finding(same: readonly NameTrouble[]): Finding {
  const [{ id, problem, ofSeveral, explanation, commands }] = same as readonly [NameTrouble, ...NameTrouble[]];
  const details = same.map(({ name, notes }) => (notes.length === 0 ? name : `${name}: ${notes.join('; ')}`));
  const isInProblem = same.length === 1 && same[0]!.notes.length === 0;
  return {
    id,
    problem: same.length === 1 ? `${problem}.` : `${same.length} names ${ofSeveral}.`,
    ...(isInProblem ? {} : { details }),
    explanation,
    commands,
  };
}

/** What clients of a name get. @param held the addresses in force; absent: they are not known */
export function effect(held: readonly IpAddress[] | undefined): string[] {
  if (held === undefined) return [];
  return held.length === 0 ? ['connections are refused'] : [`clients still get ${listText(held)}`];
}

/** Most addresses to name. */
const NAMED = 5;

export function listText(addresses: readonly IpAddress[]): string {
  const more = addresses.length - NAMED;
  const texts = addresses.slice(0, NAMED).map(({ text }) => text);
  return more > 0 ? `${texts.join(', ')} and ${more} more` : texts.join(', ');
}
