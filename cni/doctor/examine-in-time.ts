import { type ChildProcess, spawn } from 'node:child_process';
import { DOCTOR_FLAGS, type DoctorFlags } from '../commands/doctor-flags';
import type { PartResult } from './examination';
import type { Line } from './stream-parts';

/** What an examination has told by the time that it ended, or was ended. */
export interface Told {
  readonly router: string | undefined;
  readonly results: readonly PartResult[];
  readonly stderr: string;
  /** `time`, or how the process ended: its exit code, or a signal. */
  readonly end: number | string;
}

/** This very program, whatever stands by now where it was started from. */
const OWN_EXECUTABLE = '/proc/self/exe';

/** Examines in a process of its own, and waits for it no longer than so long. */
export function examineInTime(flags: DoctorFlags, milliseconds: number): Promise<Told> {
  const child = spawn(OWN_EXECUTABLE, ['doctor', ...wordsOf(flags), '--parts', timeLimit(milliseconds)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, err] = [collect(child.stdout!), collect(child.stderr!)];
  return new Promise((resolve) => {
    const finish = (end: Told['end']) => {
      clearTimeout(timer);
      release(child);
      resolve({ ...heard(out.text), stderr: err.text, end });
    };
    const timer = setTimeout(() => finish('time'), milliseconds);
    child.once('error', ({ message }) => finish(message));
    child.once('close', (status, signal) => finish(signal ?? status ?? 'no exit code'));
  });
}

function wordsOf(flags: DoctorFlags): string[] {
  return (Object.keys(DOCTOR_FLAGS) as (keyof typeof DOCTOR_FLAGS)[]).flatMap((name) => {
    const value = name === 'time-limit' ? undefined : flags.value(name);
    return value === undefined || value === '' ? [] : [`--${name}=${value}`];
  });
}

/** It may end a little earlier, by itself. */
function timeLimit(milliseconds: number): string {
  return `--time-limit=${Math.max(0.1, milliseconds / 1000).toFixed(3)}`;
}

function collect(stream: NodeJS.ReadableStream): { readonly text: string } {
  const collected = { text: '' };
  stream.setEncoding('utf8').on('data', (part: string) => {
    collected.text += part;
  });
  return collected;
}

/** The kernel may let it end much later: nobody waits for that. */
function release(child: ChildProcess): void {
  child.kill('SIGKILL');
  child.stdout!.destroy();
  child.stderr!.destroy();
  child.unref();
}

function heard(text: string): Pick<Told, 'router' | 'results'> {
  // Behind the last line break stands what was being written.
  const lines = text.split('\n').slice(0, -1);
  const told = lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Line);
  return {
    router: told.flatMap((line) => ('router' in line ? [line.router] : []))[0],
    results: told.flatMap((line) => ('part' in line ? [line] : [])),
  };
}
