import { nearest } from '../../src/domain/input/nearest';
import type { Flag } from './flag';
import { HelpRequest } from './help-request';
import { UsageError } from './usage-error';

export type { Flag } from './flag';

/** The parsed arguments of a subcommand. */
export interface Flags<Name extends string> {
  /** Whether a flag without a value was given. */
  has(name: Name): boolean;
  /** The value of a flag, if it was given. */
  value(name: Name): string | undefined;
  /** Arguments that are not flags, such as files. */
  readonly operands: readonly string[];
}

/**
 * Reads `--name`, `--name=VALUE` and `--name VALUE`.
 *
 * @param takesOperands whether words without `--`, and a single `-`, are operands rather than errors
 * @throws UsageError for an unknown flag (with the nearest known one), a missing, empty or superfluous value, and a
 * flag given twice; HelpRequest for `--help`
 */
export function readFlags<Name extends string>(
  subcommand: string,
  args: readonly string[],
  known: Readonly<Record<Name, Flag>>,
  takesOperands = false,
): Flags<Name> {
  if (args.includes('--help')) throw new HelpRequest(subcommand, known, takesOperands);
  const given = new Map<string, string>();
  const operands: string[] = [];
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (takesOperands && (arg === '-' || !arg.startsWith('-'))) {
      operands.push(arg);
      continue;
    }
    const { name, text } = split(subcommand, arg);
    const flag = knownFlag(subcommand, name, known);
    if (given.has(name)) throw new UsageError(`${subcommand}: --${name} is given twice`);
    given.set(name, flag.value === undefined ? noValue(subcommand, name, text) : (text ?? rest.shift() ?? ''));
    if (flag.value !== undefined && given.get(name) === '')
      throw new UsageError(`${subcommand}: --${name} has no value: --${name}=${flag.value}`);
  }
  return { has: (name) => given.has(name), value: (name) => given.get(name), operands };
}

function knownFlag(subcommand: string, name: string, known: Readonly<Record<string, Flag>>): Flag {
  if (Object.hasOwn(known, name)) return known[name]!;
  const words = Object.keys(known).map((word) => `--${word}`);
  throw new UsageError(unknownWord(`${subcommand}: unknown flag --${name}`, name, words));
}

function split(subcommand: string, arg: string): { readonly name: string; readonly text: string | undefined } {
  const [, name, text] = /^--([^=]+)(?:=(.*))?$/s.exec(arg) ?? [];
  if (name !== undefined) return { name, text };
  throw new UsageError(`${subcommand}: unexpected argument ${JSON.stringify(arg)}; flags begin with --`);
}

function noValue(subcommand: string, name: string, text: string | undefined): string {
  if (text === undefined) return '';
  throw new UsageError(`${subcommand}: --${name} takes no value, and was given ${JSON.stringify(text)}`);
}

/** The problem followed by the nearest known word, or by all of them. */
export function unknownWord(problem: string, word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  return near === undefined ? `${problem}; accepted: ${known.join(', ')}` : `${problem}; did you mean ${near}?`;
}
