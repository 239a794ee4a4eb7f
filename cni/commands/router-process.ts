import { readdirSync, readFileSync, statSync } from 'node:fs';
import { readServeFlags, type ServeFlags } from '../serve/serve-options';

/** A router's own process, as its command line tells it. */
export interface RouterProcess {
  readonly pid: number;
  readonly flags: ServeFlags;
  /** Its network namespace's number; undefined where this process may not know. */
  readonly namespace: number | undefined;
}

export const OWN_NAMESPACE = '/proc/self/ns/net';

/** The routers that run here: all of the node's, or the pod's own one. */
export function routerProcesses(): RouterProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const flags = serveFlags(`/proc/${name}/cmdline`);
      return flags === undefined ? [] : [{ pid: Number(name), flags, namespace: namespaceOf(`/proc/${name}/ns/net`) }];
    });
}

/** The number of the network namespace at a path. */
export function namespaceOf(path: string): number | undefined {
  try {
    return statSync(path).ino;
  } catch {
    return undefined;
  }
}

function serveFlags(path: string): ServeFlags | undefined {
  try {
    const [, subcommand, ...args] = readFileSync(path, 'utf8').replace(/\0$/, '').split('\0');
    return subcommand === 'serve' ? readServeFlags(args) : undefined;
  } catch {
    // It has ended, or is another program that has a `serve`.
    return undefined;
  }
}
