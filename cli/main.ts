#!/usr/bin/env node
import { runCommand, STANDARD_OUTPUT } from './run-command';

// Whoever read our output has seen enough, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

process.exitCode = runCommand(process.argv.slice(2), STANDARD_OUTPUT);
