import { readdirSync, readFileSync, statSync } from 'node:fs';
import { UsageError } from '../../cli/flags';
import { readServeFlags, type ServeFlags } from '../serve/serve-options';

/** A router's own process, according to its command line. */
export interface RouterProcess {
  readonly pid: number;
  readonly flags: ServeFlags;
  /** Its network namespace's number; undefined without permission. */
  readonly namespace: number | undefined;
}

export const OWN_NAMESPACE = '/proc/self/ns/net';

/** `NAMESPACE/NAME`, or a name alone. */
export const ROUTER_NAME = /^[a-z\d][\w.-]*(\/[a-z\d][\w.-]*)?$/i;

/** The most routers that a message names. */
const MOST_NAMES = 10;

/**
 * Finds the process of a router: the one of that name, the one in a network namespace, or the only one.
 *
 * @throws UsageError if there are several, or none of that name
 */
export function findProcess(name: string | undefined, path: string | undefined): RouterProcess | undefined {
  const all = routerProcesses();
  if (path !== undefined) return inNamespace(all, path);
  const fitting = all.filter((process) => name === undefined || nameOf(process) === name);
  if (fitting.length > 1) throw new UsageError(`doctor: ${severalText(fitting)}`);
  if (fitting.length === 0 && all.length > 0 && name !== undefined) {
    throw new UsageError(`doctor: --router: no router ${name} runs here; accepted: ${listText(all.map(nameOf), ', ')}`);
  }
  return fitting[0];
}

/** The router name in a process' command line, which is not trusted: any user's process may have one. */
export function nameOf(process: RouterProcess): string {
  return hasName(process) ? process.flags.value('router')! : `process ${process.pid}`;
}

export function hasName({ flags }: RouterProcess): boolean {
  return ROUTER_NAME.test(flags.value('router') ?? '');
}

/** The number of the network namespace at a path. */
export function namespaceInode(path: string): number | undefined {
  try {
    return statSync(path).ino;
  } catch {
    return undefined;
  }
}

export function isSameFile(one: string, other: string): boolean {
  try {
    const [a, b] = [statSync(one), statSync(other)];
    return a.dev === b.dev && a.ino === b.ino;
  } catch {
    return false;
  }
}

function inNamespace(all: readonly RouterProcess[], path: string): RouterProcess | undefined {
  const wanted = namespaceInode(path);
  const process = all.find(({ namespace }) => namespace === wanted);
  if (process !== undefined || all.every(({ namespace }) => namespace !== undefined)) return process;
  throw new UsageError(
    `doctor: cannot see which router process runs in ${path}: run as root (SYS_PTRACE) on the node, or pass --config-file=PATH or --config=JSON`,
  );
}

function severalText(fitting: readonly RouterProcess[]): string {
  const names = fitting.map(nameOf);
  const isUnique = (name: string) => names.indexOf(name) === names.lastIndexOf(name) && ROUTER_NAME.test(name);
  // A process is identified by its number.
  const flags = fitting.map(({ pid }, index) =>
    isUnique(names[index]!) ? `--router=${names[index]}` : `--netns=${pid}, which is ${names[index]}`,
  );
  return `several routers run here; pass ${listText(flags, ', or ')}`;
}

function listText(names: readonly string[], separator: string): string {
  const sorted = [...names].sort();
  const more = sorted.length - MOST_NAMES;
  return `${sorted.slice(0, MOST_NAMES).join(separator)}${more > 0 ? `, and ${more} more` : ''}`;
}

/** The routers that run here: all of the node's, or the pod's own one. */
function routerProcesses(): RouterProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const flags = serveFlags(`/proc/${name}/cmdline`);
      return flags === undefined
        ? []
        : [{ pid: Number(name), flags, namespace: namespaceInode(`/proc/${name}/ns/net`) }];
    });
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
