import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readdirSync, type Stats, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { EACCES, ELOOP, ENAMETOOLONG, ENOENT, ENOTDIR, EPERM } from '../ffi/errno';
import { changeDirectory, changeRoot, ownFileSystemContext, SystemCallError } from '../ffi/libc';
import { InstallError } from './install-error';

/** How long an executable may take to answer, in milliseconds; an emulated one takes seconds. */
const TIMEOUT = 60_000;

/** How long to wait, once it has ended, for output of processes that it left; in milliseconds. */
const REST = 1000;

/** The most characters that are kept of each output; an answer has a few hundred. */
const MOST_OUTPUT = 65_536;

/** How a program ended. */
export interface Outcome {
  /** Absent if a signal ended it, or if it could not be started. */
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The beginning of what it wrote, at most 65,536 characters. */
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

  /**
   * Runs an executable as the node's container runtime does, for at most a minute.
   *
   * @param file its path on the node
   */
  public async run(file: string, { args = [], env = {}, input = '' }: RunOptions): Promise<Outcome> {
    try {
      // A process inherits the root of the thread that starts it.
      const child = this.within(() => spawn(file, args, { env, cwd: '/' }));
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

  /** The names in a directory of the node; empty if it does not exist. @throws InstallError if it cannot be read */
  public list(directory: string): string[] {
    return this.within(() => {
      try {
        return readdirSync(directory);
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        if (code === 'ENOENT') return [];
        throw new InstallError(`cannot list ${directory}: ${message}`);
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
  [EPERM]: 'cannot be entered: the installer must run as root with the capability SYS_CHROOT',
  [ENOENT]: "does not exist; accepted: where the node's root directory is mounted",
  [EACCES]: 'is not accessible to this user: the installer must run as root',
  [ENOTDIR]: 'is not a directory',
  [ENAMETOOLONG]: "is longer than Linux's path limit",
  [ELOOP]: 'is a symbolic link loop',
};

function outcomeOf(child: ChildProcess, input: string): Promise<Outcome> {
  const [stdout, stderr] = [beginningOf(child.stdout!), beginningOf(child.stderr!)];
  // A program that does not start does not read either.
  child.stdin!.on('error', () => undefined).end(input);
  return new Promise((resolve, reject) => {
    // Node's own timer would go on after a program that does not start.
    const limit = setTimeout(() => child.kill('SIGKILL'), TIMEOUT);
    child.once('error', (error) => {
      clearTimeout(limit);
      reject(error);
    });
    // A process that it left may keep its outputs open for ever.
    child.once('exit', (status, signal) => {
      clearTimeout(limit);
      const end = () => {
        clearTimeout(timer);
        for (const stream of [child.stdout!, child.stderr!]) stream.destroy();
        resolve({ status, signal, stdout: stdout(), stderr: stderr() });
      };
      const timer = setTimeout(end, REST);
      child.once('close', end);
    });
  });
}

/** Reads to the end, so that the program does not wait, and keeps the beginning. */
function beginningOf(stream: Readable): () => string {
  let text = '';
  stream.setEncoding('utf8').on('data', (more: string) => {
    text += more.slice(0, MOST_OUTPUT - text.length);
  });
  return () => text;
}
