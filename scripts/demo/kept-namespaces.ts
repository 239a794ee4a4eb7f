import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { FOLDER, removeNamespace } from './network-namespace';

/** Removes the namespaces of a run that was killed. @throws Error for those of one that goes on */
export function removeNamespaces(prefix: string): void {
  const names = entries(FOLDER).filter((name) => name.startsWith(prefix));
  const processes = processesIn(new Set(names.map((name) => inode(join(FOLDER, name)))));
  if (processes.length > 0) {
    throw new Error(
      `a router runs here already: end it with Ctrl+C in its terminal, or with: kill ${processes.join(' ')}`,
    );
  }
  for (const name of names) removeNamespace(name);
}

function processesIn(namespaces: ReadonlySet<number | undefined>): string[] {
  const processes = entries('/proc').filter((name) => /^\d+$/.test(name));
  return processes.filter((pid) => {
    const namespace = inode(`/proc/${pid}/ns/net`);
    return namespace !== undefined && namespaces.has(namespace);
  });
}

/** Identifies a namespace; nothing for a process that has ended. */
function inode(path: string): number | undefined {
  try {
    return statSync(path).ino;
  } catch {
    return undefined;
  }
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
