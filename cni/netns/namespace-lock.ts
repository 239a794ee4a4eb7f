import { closeSync } from 'node:fs';
import { EAGAIN } from '../ffi/errno';
import { tryLockByte, waitForInput } from '../ffi/libc';
import { openRunFile } from './run-file';

/** Each namespace has the byte of this file whose offset is the namespace's inode: nothing is left to be removed. */
const LOCKS_FILE = '/run/egress-router/namespace-locks';

/** Milliseconds that a call waits for another one of the same namespace. */
const PATIENCE_MILLISECONDS = 30_000;
const POLL_MILLISECONDS = 10;

/** Another call of the plugin works in the namespace. */
export class NamespaceBusyError extends Error {
  /** The same call may succeed later. */
  public readonly errno = EAGAIN;

  public constructor(path: string) {
    super(
      `network namespace ${path} is in use by another call of the plugin (waited ${PATIENCE_MILLISECONDS / 1000} s)`,
    );
    this.name = 'NamespaceBusyError';
  }
}

/**
 * Locks a namespace against other calls of the plugin. The lock is not on the namespace's own file: a process of the
 * pod can open that one, and lock it for ever.
 *
 * @returns a descriptor; the lock ends with it, and so with the process in any case
 * @throws NamespaceBusyError
 */
export function lockNamespace(path: string, inode: number): number {
  const fd = openRunFile(LOCKS_FILE);
  try {
    const deadline = performance.now() + PATIENCE_MILLISECONDS;
    while (!tryLockByte(fd, inode)) {
      if (performance.now() > deadline) throw new NamespaceBusyError(path);
      waitForInput([], POLL_MILLISECONDS);
    }
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}
