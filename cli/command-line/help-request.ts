import type { Flag } from './flag';

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
