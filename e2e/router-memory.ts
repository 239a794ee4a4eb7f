import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** In KiB. */
export interface Memory {
  /** Resident memory, including shared pages. */
  readonly resident: number;
  /** Resident memory with shared pages divided by the number of sharing processes: these add up. */
  readonly proportional: number;
  /** Unshared memory. */
  readonly own: number;
}

/** The memory of a router's pod on a node: our process, and two of the container runtime. */
export interface RouterMemory {
  readonly serve: Memory;
  readonly sandbox: Memory;
  readonly shim: Memory;
}

interface Process {
  readonly pid: string;
  readonly parent: string;
}

/** Of each router that runs in control groups below one. */
export function routerMemories(controlGroup: string): RouterMemory[] {
  const contained = processes().filter(({ pid }) => read(pid, 'cgroup').includes(`${controlGroup}/`));
  return contained.filter(isRouter).map(({ pid, parent }) => {
    const sandbox = contained.find((other) => other.parent === parent && other.pid !== pid);
    if (sandbox === undefined) throw new Error(`serve with PID ${pid} has no sandbox beside it`);
    return { serve: memoryOf(pid), sandbox: memoryOf(sandbox.pid), shim: memoryOf(parent) };
  });
}

function processes(): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const parent = /^PPid:\s+(\d+)/m.exec(read(pid, 'status'))?.[1];
      return parent === undefined ? [] : [{ pid, parent }];
    });
}

function isRouter({ pid }: Process): boolean {
  const [, command] = read(pid, 'cmdline').split('\0');
  return command === 'serve' && readlinkSync(`/proc/${pid}/exe`) === '/egress-router';
}

function memoryOf(pid: string): Memory {
  const text = read(pid, 'smaps_rollup');
  const sum = (field: RegExp) =>
    [...text.matchAll(field)].reduce((total, [, kibibytes]) => total + Number(kibibytes), 0);
  return {
    resident: sum(/^Rss:\s+(\d+)/gm),
    proportional: sum(/^Pss:\s+(\d+)/gm),
    own: sum(/^Private_(?:Clean|Dirty):\s+(\d+)/gm),
  };
}

/** Nothing for a process that has ended. */
function read(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
