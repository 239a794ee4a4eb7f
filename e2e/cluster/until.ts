import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits until an action succeeds and its result is true, or it returns nothing at all.
 *
 * @param seconds generous: the machine may be busy
 * @throws an error with what was waited for, and why the last attempt failed
 */
export async function until<T>(what: string, action: () => T | Promise<T>, seconds = 60, pause = 100): Promise<T> {
  let failure: unknown;
  for (const start = performance.now(); performance.now() - start < seconds * 1000; await sleep(pause)) {
    try {
      const result = await action();
      if (result !== false) return result;
      failure = undefined;
    } catch (error) {
      failure = error;
    }
  }
  throw new Error(`waited ${seconds} s until ${what}`, { cause: failure });
}
