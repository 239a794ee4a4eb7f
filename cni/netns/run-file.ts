import { constants, mkdirSync, openSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';

const { O_CREAT, O_NOFOLLOW, O_RDWR } = constants;

/**
 * Opens a file that calls of the plugin on one node share, and creates it for root alone: no other user can lock it.
 * Like namespaces, it does not survive a reboot.
 *
 * @param path below `/run/egress-router`. A directory or a link in its place is removed
 */
export function openRunFile(path: string): number {
  const open = () => openSync(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0o600);
  try {
    return open();
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (['EISDIR', 'ELOOP'].includes(code)) rmSync(path, { recursive: true, force: true });
    else if (code === 'ENOENT') mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    else throw error;
    return open();
  }
}
