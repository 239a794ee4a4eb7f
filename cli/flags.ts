import { nearest } from '../src/domain/input/nearest';

/** One flag of a subcommand: `--name`, or `--name=VALUE`. */
export interface Flag {
  /** Placeholder of the value in the help, such as `DIR`; absent for a flag without a value. */
  readonly value?: string;
  readonly help: string;
}

/** An invalid command line. The user sees only the message. */
export class UsageError extends Error {
  public constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

/** Thrown for `--help`: the message is the help, to be written to standard output. */
export class HelpRequest extends Error {
  public constructor(subcommand: string, known: Readonly<Record<string, Flag>>, takesOperands: boolean) {
    super(helpText(subcommand, known, takesOperands));
    this.name = 'HelpRequest';
  }
}

function helpText(subcommand: string, known: Readonly<Record<string, Flag>>, takesOperands: boolean): string {
  const words = Object.entries(known).map(([name, { value }]) =>
    value === undefined ? `--${name}` : `--${name}=${value}`,
  );
  const width = Math.max(...words.map(({ length }) => length));
  const lines = Object.values(known).map(({ help }, index) => `  ${words[index]!.padEnd(width)}  ${help}\n`);
  return [`usage: ${subcommand} [FLAG…]${takesOperands ? ' PATH…' : ''}\n\n`, ...lines].join('');
}

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
