// Runs the programs of one test API server and ends them when its own standard input ends.
//
// The test process holds the other end of that pipe and writes nothing. The kernel closes it when the test
// process stops the server, ends, or is killed in a way that no handler sees: all three are one path here, so
// no program outlives its test. A signal to the supervisor is a fourth.
//
//   node supervisor.mjs FOLDER '[["name", "program", "argument", ...], ...]' PID
//
// FOLDER is the programs' working directory, receives name.log for each, and is removed at the end. PID is a
// process without which the tests are pointless: a jest worker outlives a killed jest until its test file is
// done. Standard output says which program ended too early.

import { spawn } from 'node:child_process';
import { openSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const [folder, commands, pid] = process.argv.slice(2);
const programs = JSON.parse(commands).map(run);
let ending = false;

process.stdin.on('end', end).on('error', end).resume();
process.stdout.on('error', end);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end);
setInterval(() => isGone(Number(pid)) && end(), 1000);

function run([name, program, ...args]) {
  const log = openSync(join(folder, `${name}.log`), 'a');
  const child = spawn(program, args, { cwd: folder, stdio: ['ignore', log, log] });
  const ended = new Promise((done) => {
    child.on('error', (error) => done(error.message));
    child.on('exit', (status, signal) => done(`it ended with ${signal ?? `status ${status}`}`));
  });
  ended.then((why) => ending || process.stdout.write(`${name}: ${why}\n`));
  return { child, ended };
}

/** SIGKILL, because nothing in the folder is worth the seconds of an orderly shutdown. */
async function end() {
  if (ending) return;
  ending = true;
  for (const { child } of programs) child.kill('SIGKILL');
  await Promise.all(programs.map(({ ended }) => ended));
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  process.exit(0);
}

function isGone(id) {
  try {
    process.kill(id, 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}
