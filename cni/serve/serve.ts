import { Loop } from './loop';
import type { ServeLog } from './serve-log';
import type { ServeOptions } from './serve-options';
import type { ServePart } from './serve-part';

/**
 * Runs until SIGTERM or SIGINT.
 *
 * @returns the exit code
 * @throws ServeError when it cannot start
 */
export async function runServe(options: ServeOptions, log: ServeLog): Promise<number> {
  using loop = new Loop(parts(options, log), () => undefined);
  loop.start();
  return await signalled();
}

/** What is looked at once a second, in this order. */
function parts(_options: ServeOptions, _log: ServeLog): ServePart[] {
  return [];
}

/** As a pod's first process, this one has no default handlers: without its own, signals would be ignored. */
function signalled(): Promise<number> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(0));
  });
}
