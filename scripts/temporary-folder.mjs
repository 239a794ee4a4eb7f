import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What tools keep there for their next run. */
const CACHES = /^(tsx-|node-compile-cache$)/;

/**
 * Does something with a folder of its own for temporary files, which is removed in the end.
 *
 * @returns names of what was left in it
 */
export function leftIn(action) {
  const folder = mkdtempSync(join(tmpdir(), 'egress-router-tests-'));
  const { TMPDIR } = process.env;
  process.env.TMPDIR = folder;
  try {
    action();
    return readdirSync(folder).filter((name) => !CACHES.test(name));
  } finally {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
    rmSync(folder, { recursive: true });
  }
}
