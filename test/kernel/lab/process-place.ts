import type { ChildProcess, SpawnOptions } from 'node:child_process';

/** Where processes are started: a network namespace, whatever made it. */
export interface ProcessPlace {
  readonly name: string;
  /** The process ends with the place. */
  start(words: readonly string[], options?: SpawnOptions): ChildProcess;
}
