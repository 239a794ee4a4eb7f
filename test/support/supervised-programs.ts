import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';

/** A program's name, which its log file carries too, the program, and its arguments. */
export type NamedCommand = readonly [name: string, program: string, ...args: string[]];

/** Programs that end, together with their folder, when this process stops them, ends, or is killed. */
export interface SupervisedPrograms {
  /** Says which program ended too early, or nothing while all of them run. */
  endedEarly(): string | undefined;
  /** Ends the programs and removes their folder. */
  stop(): Promise<void>;
}

/**
 * Starts programs under supervisor.mjs.
 *
 * @param folder their working directory; receives a log of each and is removed at the end
 * @param commands what to run
 * @param env their environment @default - this process's
 */
export function startSupervised(
  folder: string,
  commands: readonly NamedCommand[],
  env: NodeJS.ProcessEnv = process.env,
): SupervisedPrograms {
  const script = join(__dirname, 'supervisor.mjs');
  // A process that was forked with a channel to its parent is a jest worker.
  const needed = process.send ? process.ppid : process.pid;
  const supervisor = spawn(process.execPath, [script, folder, JSON.stringify(commands), String(needed)], {
    env,
    // A session of its own, so that Ctrl-C does not end it before it has cleaned up.
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  // A test process that forgets to stop its server still ends, and thereby stops it.
  supervisor.unref();
  for (const pipe of [supervisor.stdin, supervisor.stdout]) (pipe as Socket).unref();
  let early = '';
  supervisor.stdout?.on('data', (chunk) => {
    early += chunk;
  });
  supervisor.on('exit', () => {
    early ||= 'the supervisor ended';
  });
  return { endedEarly: () => early.trim() || undefined, stop: () => endSupervisor(supervisor) };
}

async function endSupervisor(supervisor: ChildProcess): Promise<void> {
  if (supervisor.exitCode !== null || supervisor.signalCode !== null) return;
  const ended = once(supervisor, 'exit');
  supervisor.ref();
  supervisor.stdin?.end();
  await ended;
}

/** The last lines that a program wrote, for an error that says why it did not start. */
export function logTail(folder: string, name: string, count = 30): string {
  const file = join(folder, `${name}.log`);
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : ['(no log)'];
  return `--- ${name}:\n${lines.slice(-count).join('\n')}`;
}

/** An unused port of the loopback address. Another process may take it first. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('No port is free.');
  return address.port;
}
