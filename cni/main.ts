import { Log } from './log/log';
import { CODES, encodeError, toCniError } from './protocol/cni-error';
import { type AnyInvocation, type Environment, logOptions, readInvocation } from './protocol/invocation';
import { encodeResult } from './protocol/result';
import { answerVersion, encodeVersions } from './protocol/spec-version';
import {
  parseIfPossible,
  readStandardInput,
  requireStandardOutput,
  writeStandardOutput,
} from './protocol/standard-streams';

/**
 * Runs one call of a runtime, with a single exit. Nothing is asynchronous, so a signal ends it at any point, as SIGKILL
 * does; DEL removes what is left then.
 */
function main(environment: Environment): number {
  let stdin = '';
  try {
    stdin = readStandardInput();
    writeStandardOutput(answer(readInvocation(environment, stdin)));
    return 0;
  } catch (thrown) {
    return fail(environment, stdin, thrown);
  }
}

/**
 * The output, unless the command has written it. Each command is loaded when it is called, so that ADD does not load
 * the others.
 */
function answer(call: AnyInvocation): string {
  if (call.command === 'VERSION') return encodeVersions(call.cniVersion);
  const log = new Log(call, call.log);
  switch (call.command) {
    case 'ADD': {
      requireStandardOutput();
      const { add } = require('./commands/add') as typeof import('./commands/add');
      add(call, log, (result) => writeStandardOutput(encodeResult(call.cniVersion, result, call.previousResult)));
      return '';
    }
    case 'DEL': {
      const { del } = require('./commands/del') as typeof import('./commands/del');
      del(call, log);
      return '';
    }
    case 'CHECK': {
      const { check } = require('./commands/check') as typeof import('./commands/check');
      check(call);
      return '';
    }
    case 'STATUS': {
      const { status } = require('./commands/status') as typeof import('./commands/status');
      status(call);
      return '';
    }
    case 'GC': {
      const { gc } = require('./commands/gc') as typeof import('./commands/gc');
      gc(call, log);
      return '';
    }
  }
}

/** Reports to the log and the runtime. */
function fail(environment: Environment, stdin: string, thrown: unknown): number {
  const error = toCniError(thrown);
  const input = parseIfPossible(stdin);
  const { CNI_COMMAND: command = '', CNI_CONTAINERID: containerId } = environment;
  const network = (input as { readonly name?: unknown } | null | undefined)?.name;
  const log = new Log({ command, containerId, network: String(network ?? '') }, logOptions(input));
  log.error(`error ${error.code}: ${error.message}${error.details === undefined ? '' : `\n${error.details}`}`);
  if (error.code === CODES.INTERNAL && thrown instanceof Error) log.panic(thrown.stack ?? thrown.message);
  try {
    writeStandardOutput(encodeError(answerVersion(input), error));
  } catch {
    // The runtime has closed our standard output: it gets only the exit code.
  }
  return 1;
}

if (process.env.CNI_COMMAND) {
  process.exitCode = main(process.env);
} else {
  const { runSubcommand } = require('./subcommands') as typeof import('./subcommands');
  runSubcommand(process.argv.slice(2)).then((status) => {
    process.exitCode = status;
  });
}
