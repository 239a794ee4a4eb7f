import { closeSync, constants, fstatSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';

const { O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_RDWR } = constants;

const FLAGS = O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK;

/** Errors of opening what is not a file: a directory, a link, a socket. */
const NO_FILE: readonly unknown[] = ['EISDIR', 'ELOOP', 'ENXIO'];

/**
 * Opens a file that calls of the plugin on one node share, and creates it for root alone: no other user can lock it.
 * Like namespaces, it does not survive a reboot.
 *
 * @param path below `/run/egress-router`. Anything else in its place, such as a pipe, which would block every ADD, is
 * removed
 */
export function openRunFile(path: string): number {
  return openRegular(path) ?? openAgain(path);
}

function openAgain(path: string): number {
  rmSync(path, { recursive: true, force: true });
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  return openSync(path, FLAGS, 0o600);
}

/** Nothing if there is no regular file, nor a folder to create it in. */
function openRegular(path: string): number | undefined {
  let fd: number;
  try {
    fd = openSync(path, FLAGS, 0o600);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || NO_FILE.includes(code)) return undefined;
    throw error;
  }
  if (fstatSync(fd).isFile()) return fd;
  closeSync(fd);
  return undefined;
}
