import { unknownWord } from './command-line/flags';
import { HelpRequest } from './command-line/help-request';
import { UsageError } from './command-line/usage-error';
import type { CommandOutput } from './commands/command-output';
import { InputError } from './input/input-error';

type Command = (args: readonly string[], output: CommandOutput) => number;

/** Each is loaded when it is called. */
const COMMANDS: Readonly<Record<string, () => Command>> = {
  plan: () => (require('./commands/plan') as typeof import('./commands/plan')).plan,
  diagram: () => (require('./commands/diagram') as typeof import('./commands/diagram')).diagram,
};

export const STANDARD_OUTPUT: CommandOutput = {
  write: (text) => process.stdout.write(text),
  note: (lines) => process.stderr.write(lines.map((line) => `${line}\n`).join('')),
};

/** What is wrong with the input or the command line; 2 is an answer of `plan --diff`. */
const FAILURE = 1;

const HELP = `usage: cdk8s-egress-router COMMAND …

  plan PATH…             what the plugin does for each router, as ip and nft commands
  plan --diff OLD NEW    which routers change, and what that costs; exit code 2 when any does
  diagram PATH…          a picture of each router, or of many, as Mermaid text or SVG

A PATH is a file of manifests or of a plugin's configuration, a folder of such, or - for standard input.
COMMAND --help tells its flags.
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
      throw new UsageError(unknownWord(`${JSON.stringify(name)} is no command`, name, Object.keys(COMMANDS)));
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
