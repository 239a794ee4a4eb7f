import { readdirSync, readFileSync } from 'node:fs';

/** The most connections of the health port: a kubelet and some scrapers have one each. */
const MOST = 256;

/** File descriptors for the checks, a scrape, a file of rules, and a connection that is closed at once. */
const RESERVED = 24;

/**
 * The most connections that leave file descriptors for the checks.
 *
 * @param limit content of `/proc/self/limits`
 * @param open descriptors that are open now
 * @see proc_pid_limits(5)
 */
export function mostConnections(
  limit = readFileSync('/proc/self/limits', 'utf8'),
  open = readdirSync('/proc/self/fd').length,
): number {
  const [, soft] = /^Max open files +(\d+) /m.exec(limit) ?? [];
  return Math.max(1, Math.min(MOST, soft === undefined ? MOST : Number(soft) - open - RESERVED));
}
