import { HelpRequest, UsageError, unknownWord } from '../cli/flags';
import { printableLines } from '../src/domain/input/printable-text';
import { about } from './protocol/usage';

/** Takes its arguments without its name, and returns the exit code. Each is loaded when it is called. */
type Subcommand = (args: readonly string[]) => number | Promise<number>;

/** Subcommands for people and pods. A runtime sets CNI_COMMAND instead. */
const SUBCOMMANDS: Readonly<Record<string, Subcommand>> = {
  diagram: (args) => runManifestCommand(['diagram', ...args]),
  doctor: (args) => (require('./commands/doctor') as typeof import('./commands/doctor')).doctor(args),
  install: (args) => (require('./commands/install') as typeof import('./commands/install')).install(args),
  plan: (args) => runManifestCommand(['plan', ...args]),
  serve: (args) => (require('./commands/serve') as typeof import('./commands/serve')).serve(args),
  '--help': () => print(help()),
  '--version': () => print(about()),
};

const MISUSE = 2;

/**
 * Without arguments it prints its name and version to standard error, as every CNI plugin does.
 *
 * @returns the exit code: 2 for invalid arguments
 */
export async function runSubcommand([name, ...args]: readonly string[]): Promise<number> {
  if (name === undefined) {
    process.stderr.write(help());
    return 0;
  }
  try {
    if (!Object.hasOwn(SUBCOMMANDS, name)) {
      throw new UsageError(unknownWord(`unknown subcommand ${JSON.stringify(name)}`, name, Object.keys(SUBCOMMANDS)));
    }
    return await SUBCOMMANDS[name]!(args);
  } catch (error) {
    if (error instanceof HelpRequest) return print(error.message);
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${printableLines(error.message.trimEnd())}\n`);
    return MISUSE;
  }
}

function runManifestCommand(args: readonly string[]): number {
  const { runCommand, STANDARD_OUTPUT } = require('../cli/run-command') as typeof import('../cli/run-command');
  return runCommand(args, STANDARD_OUTPUT);
}

function help(): string {
  const names = Object.keys(SUBCOMMANDS).filter((name) => !name.startsWith('--'));
  return `${about()}\nSubcommands for people and pods, each with --help: ${names.join(', ')}\n`;
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}
