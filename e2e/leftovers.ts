import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { execute } from './cluster/shell';

/** Settings that the kernel or other programs change by themselves, and those of single interfaces. */
const RESTLESS =
  /random|ns_last_pid|_count|dentry-state|inode|file-nr|\.(conf|neigh)\.|pty|sched|perf|keys|aio-nr|usage/;

/** The machine's settings, by name. */
export function machineSettings(): ReadonlyMap<string, string> {
  const lines = execute('sh', ['-c', 'sysctl -a 2>/dev/null || true']).split('\n');
  const pairs = lines.map((line) => line.split(' = ') as [string, string]);
  return new Map(pairs.filter(([name]) => /^(vm|kernel|net)\./.test(name) && !RESTLESS.test(name)));
}

/**
 * Finds what a stopped cluster has left on the machine.
 *
 * @param prefix of its namespaces' and control groups' names
 * @param folder of its files, which its processes' command lines name
 */
export function leftovers(prefix: string, folder: string): string[] {
  return [
    ...readdirSync('/run/netns').filter((name) => name.startsWith(prefix)),
    ...readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .filter((line) => line.includes(prefix) || line.includes(folder)),
    ...readdirSync('/sys/fs/cgroup').flatMap((hierarchy) => groupsOf(`/sys/fs/cgroup/${hierarchy}`, prefix)),
    ...processesOf(prefix, folder),
    ...(existsSync(folder) ? [folder] : []),
  ];
}

function groupsOf(hierarchy: string, prefix: string): string[] {
  try {
    return readdirSync(hierarchy).filter((name) => name.startsWith(prefix));
  } catch {
    return [];
  }
}

function processesOf(prefix: string, folder: string): string[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      const groups = readFileSync(`/proc/${pid}/cgroup`, 'utf8');
      const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      // It has ended, and waits to be reaped.
      if (line === '') return [];
      return groups.includes(`/${prefix}`) || line.includes(folder) ? [`process ${pid}: ${line}`] : [];
    } catch {
      return [];
    }
  });
}
