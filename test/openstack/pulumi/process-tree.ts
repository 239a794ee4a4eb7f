import { readdirSync, readFileSync } from 'node:fs';

/**
 * Kills a process and all that it has started, as a power cut does. A process group is not enough: the engine gives
 * each of its providers a group of their own, and a provider whose engine is gone goes on, for ever.
 */
export function killTree(root: number): void {
  // Stopped first, parents before children: a stopped process starts no other, and none loses its parent before it is
  // found.
  const stopped = new Set<number>();
  for (let found = [root]; found.length > 0; found = childrenOf(stopped).filter((pid) => !stopped.has(pid))) {
    for (const pid of found) {
      stopped.add(pid);
      send(pid, 'SIGSTOP');
    }
  }
  for (const pid of stopped) send(pid, 'SIGKILL');
}

/**
 * Whether a process with this variable in its environment runs: one that a test has started, even if it was reparented.
 */
export function processesWith(variable: string): string[] {
  return pids().flatMap((pid) => {
    const isOne = textOf(pid, 'environ').split('\0').includes(variable);
    return isOne ? [textOf(pid, 'cmdline').replaceAll('\0', ' ').trim()] : [];
  });
}

function childrenOf(parents: ReadonlySet<number>): number[] {
  return pids().filter((pid) => {
    const status = textOf(pid, 'status');
    return parents.has(Number(/^PPid:\t(\d+)$/m.exec(status)?.[1]));
  });
}

function pids(): number[] {
  return readdirSync('/proc').map(Number).filter(Number.isInteger);
}

/** Empty when the process has ended meanwhile. */
function textOf(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
