import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Namespace } from '../../test/kernel/lab/namespace';
import { Daemon } from './daemon';
import { execute } from './shell';

const CGROUPS = '/sys/fs/cgroup';

/**
 * Settings that kubelet writes for the whole machine permanently: here it finds them set, in files that end with the
 * node.
 */
const MACHINE_SETTINGS = ['vm/overcommit_memory 1', 'kernel/panic 10', 'kernel/panic_on_oops 1'];

/** Its own /run, /var/lib, /var/log and /opt, in memory, visible only to its daemons. */
const BOOT = [
  'for folder in /run /var/lib /var/log /opt; do mount -t tmpfs tmpfs $folder; done',
  'mount --make-rshared /',
  ...MACHINE_SETTINGS.map((setting) => {
    const [path, value] = setting.split(' ') as [string, string];
    const file = `/run/${path.replaceAll('/', '-')}`;
    return `echo ${value} > ${file}; mount --bind ${file} /proc/sys/${path}`;
  }),
  'echo up',
  'exec sleep infinity',
].join('\n');

/** A machine without its own kernel: a network and a mount namespace, and control groups. */
export class Machine {
  /** Keeps its mount namespace. */
  private holder: ChildProcess | undefined;

  private constructor(
    public readonly name: string,
    public readonly network: Namespace,
  ) {}

  public static async boot(name: string, network: Namespace): Promise<Machine> {
    const machine = new Machine(name, network);
    await machine.powerOn();
    return machine;
  }

  public get isOn(): boolean {
    return this.holder !== undefined && this.holder.exitCode === null && this.holder.signalCode === null;
  }

  public async powerOn(): Promise<void> {
    const inNamespaces = ['nsenter', `--net=${this.network.path}`, 'unshare', '--mount', '--propagation', 'private'];
    const [program, ...words] = [...inNamespaces, 'sh', '-ec', BOOT];
    const holder = spawn(program!, words, { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
    const [text] = await Promise.race([once(holder.stdout!, 'data'), once(holder, 'exit')]);
    if (String(text) !== 'up\n') throw new Error(`${this.name} did not boot: ${text}`);
    holder.unref();
    this.holder = holder;
  }

  /** The words that run a command on this machine. */
  public command(words: readonly string[]): string[] {
    return ['nsenter', '--target', String(this.holder!.pid), '--mount', '--net', '--', ...words];
  }

  /** Runs a command that must succeed. @returns its standard output */
  public run(...words: string[]): string {
    const [program, ...rest] = this.command(words);
    return execute(program!, rest);
  }

  /** A command that may fail. */
  public try(words: readonly string[], input?: string): { readonly status: number | null; readonly stdout: string } {
    const [program, ...rest] = this.command(words);
    return spawnSync(program!, rest, { encoding: 'utf8', ...(input === undefined ? {} : { input }) });
  }

  public write(path: string, content: string): void {
    const [program, ...rest] = this.command(['sh', '-ec', 'mkdir -p "$(dirname "$0")"; cat > "$0"', path]);
    execute(program!, rest, { input: content });
  }

  public daemon(name: string, words: readonly string[], log: string): Daemon {
    return new Daemon(`${name} of ${this.name}`, () => this.command(words), log);
  }

  /** The control group below which kubelet makes its own, in each hierarchy. */
  public get cgroup(): string {
    return `/${this.network.name}`;
  }

  public makeCgroups(): void {
    execute('sh', ['-ec', `for hierarchy in ${CGROUPS}/*/; do mkdir -p "$hierarchy"${this.cgroup}; done`]);
    const cpuset = join(CGROUPS, 'cpuset');
    if (!existsSync(cpuset)) return;
    for (const file of ['cpuset.cpus', 'cpuset.mems'])
      execute('sh', ['-ec', `cat ${cpuset}/${file} > ${cpuset}${this.cgroup}/${file}`]);
  }

  /** Kills every process, including those of containers. Its tmpfs is lost, as on a reboot. */
  public powerOff(): void {
    for (let attempt = 0; attempt < 200; attempt++) {
      const processes = this.processes();
      if (processes.length === 0) break;
      spawnSync('kill', ['-KILL', ...processes.map(String)]);
      spawnSync('sleep', ['0.02']);
    }
    for (const hierarchy of readdirSync(CGROUPS)) removeTree(join(CGROUPS, hierarchy, this.cgroup));
  }

  /** Daemons share its network namespace; containers are in its control groups. */
  private processes(): number[] {
    const ofNetwork = execute('ip', ['netns', 'pids', this.network.name]).split('\n');
    const groups = readdirSync(CGROUPS).map((hierarchy) => join(CGROUPS, hierarchy, this.cgroup));
    const ofGroups = groups.filter(existsSync).flatMap(processesBelow);
    return [...new Set([...ofNetwork, ...ofGroups])].map(Number).filter((pid) => pid > 0);
  }
}

function processesBelow(group: string): string[] {
  const nested = readdirSync(group, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const own = tolerant(() => readFileSync(join(group, 'cgroup.procs'), 'utf8').split('\n')) ?? [];
  return [...own, ...nested.flatMap(({ name }) => tolerant(() => processesBelow(join(group, name))) ?? [])];
}

/** Removes a control group, starting at its leaves. */
function removeTree(group: string): void {
  if (!existsSync(group)) return;
  for (const entry of readdirSync(group, { withFileTypes: true })) {
    if (entry.isDirectory()) removeTree(join(group, entry.name));
  }
  tolerant(() => rmdirSync(group));
}

/** Control groups may disappear while they are read. */
function tolerant<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (['ENOENT', 'ENODEV', 'EBUSY'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
