import { printableLines } from '../src/domain/input/printable-text';
import type { CommandOutput } from './commands/command-output';
import { HelpRequest, UsageError, unknownWord } from './flags';
import { InputError } from './input/input-error';

type Command = (args: readonly string[], output: CommandOutput) => number;

/** Each command is loaded when it is called. */
const COMMANDS: Readonly<Record<string, () => Command>> = {
  plan: () => (require('./commands/plan') as typeof import('./commands/plan')).plan,
  diagram: () => (require('./commands/diagram') as typeof import('./commands/diagram')).diagram,
};

export const STANDARD_OUTPUT: CommandOutput = {
  write: (text) => process.stdout.write(text),
  note: (lines) => process.stderr.write(lines.map((line) => `${printableLines(line)}\n`).join('')),
};

/** Exit code for invalid input or arguments; 2 is a result of `plan --diff`. */
const FAILURE = 1;

const HELP = `usage: cdk8s-egress-router COMMAND …

  plan PATH…             print what the plugin does for each router, as ip and nft commands
  plan --diff OLD NEW    print which routers change and at what cost; exit code 2 if any does
  diagram PATH…          draw each router, or a fleet of them, as Mermaid text or SVG

PATH is a file with manifests or a plugin configuration, a folder of such files, or - for standard input.
COMMAND --help lists its flags.
`;

/**
 * Runs a command on manifests.
 *
 * @returns the exit code
 */
export function runCommand([name, ...args]: readonly string[], output: CommandOutput): number {
  try {
    if (name === '--help' || name === 'help') {
      output.write(HELP);
      return 0;
    }
    if (name === undefined) throw new UsageError(HELP.trimEnd());
    if (!Object.hasOwn(COMMANDS, name)) {
      throw new UsageError(unknownWord(`unknown command ${JSON.stringify(name)}`, name, Object.keys(COMMANDS)));
    }
    return COMMANDS[name]!()(args, output);
  } catch (error) {
    if (error instanceof HelpRequest) {
      output.write(error.message);
      return 0;
    }
    if (!(error instanceof UsageError || error instanceof InputError)) throw error;
    output.note([error.message]);
    return FAILURE;
  }
}
