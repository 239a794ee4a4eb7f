#!/usr/bin/env node
import { runCommand, STANDARD_OUTPUT } from './run-command';

process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
  // The reader of a pipe closed it early, as `head` does.
  if (code === 'EPIPE') process.exit(0);
  process.stderr.write(`standard output: cannot be written (${code})\n`);
  process.exit(1);
});

process.exitCode = runCommand(process.argv.slice(2), STANDARD_OUTPUT);
