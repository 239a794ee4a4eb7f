import { readdirSync, readFileSync } from 'node:fs';

/** What a process has taken so far. */
export interface Footprint {
  readonly residentBytes: number;
  readonly cpuSeconds: number;
  /** The context switches of its threads. */
  readonly wakeUps: number;
}

/** @see proc_pid_status(5), proc_pid_stat(5) */
export function footprint(pid: number): Footprint {
  const threads = readdirSync(`/proc/${pid}/task`).map((id) => status(`/proc/${pid}/task/${id}`));
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // Behind the name, which may hold anything; of those fields, user and system time are the 12th and 13th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return {
    residentBytes: number(status(`/proc/${pid}`), 'VmRSS') * 1024,
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND,
    wakeUps: threads.reduce((sum, text) => sum + number(text, 'voluntary_ctxt_switches'), 0),
  };
}

/** USER_HZ, the same on every architecture of ours. */
const TICKS_A_SECOND = 100;

function status(folder: string): string {
  return readFileSync(`${folder}/status`, 'utf8');
}

function number(text: string, field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(text)?.[1]);
}
