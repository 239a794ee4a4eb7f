import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from 'node:child_process';

/** How a command ended. */
export interface Outcome {
  /** Absent when a signal ended it. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Larger than the dump of ten thousand rules. */
const OUTPUT_BYTES = 64 * 1024 * 1024;

/** A named network namespace, as `ip netns` makes it. It ends with everything that was started in it. */
export class Namespace implements Disposable {
  private readonly children = new Set<ChildProcess>();

  private constructor(public readonly name: string) {}

  /** @param settings below `/proc/sys/net`, written before any interface is there */
  public static create(name: string, settings: Readonly<Record<string, string>> = {}): Namespace {
    // One process for all three: a lab has half a dozen namespaces, and some tests hundreds.
    const steps = 'ip netns add "$0"; ip -n "$0" link set lo up; test -z "$1" || ip netns exec "$0" sh -ec "$1"';
    command('sh', ['-ec', steps, name, settingsScript(settings)]);
    return new Namespace(name);
  }

  /**
   * The namespace of a process that runs, by a name of its own; `dispose` removes the name, and what was started by
   * it.
   */
  public static ofProcess(name: string, pid: number): Namespace {
    command('ip', ['netns', 'attach', name, String(pid)]);
    return new Namespace(name);
  }

  public get path(): string {
    return `/var/run/netns/${this.name}`;
  }

  /** Standard output of a command that has to succeed. */
  public run(...words: string[]): string {
    return command('ip', ['netns', 'exec', this.name, ...words]);
  }

  /** A command that may fail. */
  public try(words: readonly string[], input?: string): Outcome {
    return attempt('ip', ['netns', 'exec', this.name, ...words], input);
  }

  /** Commands of `ip`, a line each. */
  public batch(...lines: string[]): void {
    command('ip', ['-n', this.name, '-batch', '-'], `${lines.join('\n')}\n`);
  }

  /** `ip -json` of the namespace. */
  public ip<T = unknown>(...words: string[]): T[] {
    const text = command('ip', ['-n', this.name, '-json', '-details', ...words]).trim();
    return text === '' ? [] : (JSON.parse(text) as T[]);
  }

  /** Kernel settings, below `/proc/sys/net`. */
  public set(settings: Readonly<Record<string, string>>): void {
    this.run('sh', '-ec', settingsScript(settings));
  }

  /** A kernel setting, below `/proc/sys/net`. */
  public setting(path: string): string {
    return this.run('cat', `/proc/sys/net/${path}`).trim();
  }

  /** Starts a command; it is killed when the namespace ends. */
  public start(words: readonly string[], options: SpawnOptions = {}): ChildProcess {
    const child = spawn('ip', ['netns', 'exec', this.name, ...words], options);
    this.children.add(child);
    child.once('exit', () => this.children.delete(child));
    return child;
  }

  public [Symbol.dispose](): void {
    for (const child of this.children) child.kill('SIGKILL');
    attempt('ip', ['netns', 'del', this.name]);
  }
}

function settingsScript(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([path, value]) => `echo ${value} > /proc/sys/net/${path}`)
    .join('\n');
}

function command(program: string, words: readonly string[], input?: string): string {
  const { status, stdout, stderr } = attempt(program, words, input);
  if (status === 0) return stdout;
  throw new Error(`${program} ${words.join(' ')}: exit status ${status}\n${input ?? ''}${stdout}${stderr}`);
}

function attempt(program: string, words: readonly string[], input?: string): Outcome {
  const { status, stdout, stderr, error } = spawnSync(program, words, {
    encoding: 'utf8',
    maxBuffer: OUTPUT_BYTES,
    ...(input === undefined ? {} : { input }),
  });
  if (error !== undefined) throw error;
  return { status, stdout, stderr };
}
