import { type ChildProcess, spawn } from 'node:child_process';
import { OWN_EXECUTABLE } from '../protocol/own-executable';
import type { PartResult } from './examination';
import type { PartLine } from './stream-parts';

/** The output of an examining process until it ended or was killed. */
export interface ExaminationOutput {
  readonly router: string | undefined;
  readonly results: readonly PartResult[];
  readonly stderr: string;
  /** `time`, or the exit code or signal of the process. */
  readonly end: number | string;
}

/**
 * Examines in a child process, and kills it at the time limit.
 *
 * @param args of `doctor`, which choose the router
 */
export function examineInTime(args: readonly string[], milliseconds: number): Promise<ExaminationOutput> {
  const child = spawn(OWN_EXECUTABLE, ['doctor', ...args, '--parts', timeLimit(milliseconds)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, err] = [collect(child.stdout!), collect(child.stderr!)];
  return new Promise((resolve) => {
    const finish = (end: ExaminationOutput['end']) => {
      clearTimeout(timer);
      release(child);
      resolve({ ...parseLines(out.text), stderr: err.text, end });
    };
    const timer = setTimeout(() => finish('time'), milliseconds);
    child.once('error', ({ message }) => finish(message));
    child.once('close', (status, signal) => finish(signal ?? status ?? 'no exit code'));
  });
}

/** The child's own limit: it may end a little earlier. */
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

/** Kills without waiting: a process in a system call may end much later. */
function release(child: ChildProcess): void {
  child.kill('SIGKILL');
  child.stdout!.destroy();
  child.stderr!.destroy();
  child.unref();
}

function parseLines(text: string): Pick<ExaminationOutput, 'router' | 'results'> {
  // Text after the last line break is an incomplete line.
  const lines = text.split('\n').slice(0, -1);
  const parsed = lines.filter((line) => line !== '').map((line) => JSON.parse(line) as PartLine);
  return {
    router: parsed.flatMap((line) => ('router' in line ? [line.router] : []))[0],
    results: parsed.flatMap((line) => ('part' in line ? [line] : [])),
  };
}
