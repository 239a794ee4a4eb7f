#!/usr/bin/env node
import { runCommand } from './run-command';

// Whoever read our output has seen enough, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

process.exitCode = runCommand(process.argv.slice(2), {
  write: (text) => process.stdout.write(text),
  note: (lines) => process.stderr.write(lines.map((line) => `${line}\n`).join('')),
});
