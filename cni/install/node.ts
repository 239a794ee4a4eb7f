import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readdirSync, type Stats, statSync } from 'node:fs';
import { changeDirectory, changeRoot, ownFileSystemContext, SystemCallError } from '../ffi/libc';
import { InstallError } from './install-error';

/** How long an executable may take to answer, in milliseconds; an emulated one takes seconds. */
const TIMEOUT = 60_000;

/** How a program ended. */
export interface Outcome {
  /** Absent if a signal ended it, or if it could not be started. */
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Why it could not be started, such as ENOENT. */
  readonly startError?: string;
}

export interface RunOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

/**
 * The node's root directory: a plugin runs with the node's files and C library, not with those of its image.
 */
export class Node {
  /** @param root the node's root directory in this container; `/` when this process runs on the node itself */
  public constructor(private readonly root: string) {}

  /** Runs an executable as the node's container runtime does. @param file its path on the node */
  public async run(file: string, { args = [], env = {}, input = '' }: RunOptions): Promise<Outcome> {
    try {
      // A process inherits the root of the thread that starts it.
      const child = this.within(() => spawn(file, args, { env, cwd: '/', timeout: TIMEOUT, killSignal: 'SIGKILL' }));
      return await outcomeOf(child, input);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      return { status: null, signal: null, stdout: '', stderr: '', startError: code };
    }
  }

  /** `stat FILE` on the node, which resolves links within the node; nothing if it does not exist. */
  public stat(file: string): Stats | undefined {
    return this.within(() => statSync(file, { throwIfNoEntry: false }));
  }

  /** The names in a directory of the node; empty if it does not exist. */
  public list(directory: string): string[] {
    return this.within(() => {
      try {
        return readdirSync(directory);
      } catch {
        return [];
      }
    });
  }

  /** `chroot ROOT …` for the time of one synchronous call. */
  private within<T>(action: () => T): T {
    if (this.root === '/') return action();
    const before = openSync('/', 'r');
    try {
      this.enter();
      try {
        return action();
      } finally {
        changeDirectory(before);
        changeRoot('.');
      }
    } finally {
      closeSync(before);
    }
  }

  private enter(): void {
    try {
      // Only this thread's root moves: the runtime's own threads keep theirs.
      ownFileSystemContext();
      changeRoot(this.root);
    } catch (error) {
      if (!(error instanceof SystemCallError)) throw error;
      throw new InstallError(
        `--node-root: ${this.root} ${MEANINGS[error.errno] ?? `cannot be entered (${error.message})`}`,
      );
    }
  }
}

const MEANINGS: Readonly<Record<number, string>> = {
  1: 'cannot be entered: the installer must run as root with the capability SYS_CHROOT',
  2: "does not exist; accepted: where the node's root directory is mounted",
  13: 'is not accessible to this user: the installer must run as root',
  20: 'is not a directory',
  36: "is longer than Linux's path limit",
  40: 'is a symbolic link loop',
};

function outcomeOf(child: ChildProcess, input: string): Promise<Outcome> {
  const output = { stdout: '', stderr: '' };
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
  });
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  // A program that does not start does not read either.
  child.stdin!.on('error', () => undefined).end(input);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status, signal) => resolve({ status, signal, ...output }));
  });
}
