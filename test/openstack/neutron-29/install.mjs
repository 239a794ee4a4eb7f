// Installs a Neutron of 2026 from PyPI into a cache folder, once for each content of requirements.txt, with the empty
// tables that a server starts with, and prints where it lies.
//
// Beside Debian's: since this release, ML2/OVN rejects pairs that Debian's accepts.

import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

// The system's: the pinned wheels are for its version.
const python = '/usr/bin/python3';
const here = dirname(fileURLToPath(import.meta.url));
const requirements = join(here, 'requirements.txt');
const tables = join(here, '../server/neutron_tables.py');
const run = promisify(execFile);

try {
  const cache = resolve(process.env.EGRESS_ROUTER_CACHE || join(homedir(), '.cache', 'cdk8s-egress-router'));
  const folder = join(cache, `neutron-29-${key()}`);
  if (!existsSync(folder)) await make(folder, join(cache, `partial-neutron-29-${process.pid}`));
  console.log(folder);
} catch (error) {
  console.error(error.stderr || error.message);
  process.exitCode = 1;
}

/** Names everything that the folder's content depends on. */
function key() {
  const { stdout, status } = spawnSync(python, ['-c', 'import sys, ensurepip; print(sys.version)'], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${python} lacks venv and ensurepip: apt-get install python3 python3-venv`);
  const hash = createHash('sha256').update(stdout);
  for (const file of [requirements, tables, fileURLToPath(import.meta.url)]) hash.update(readFileSync(file));
  return hash.digest('hex').slice(0, 16);
}

/** Into a folder of its own that is renamed at the end, so that `folder` is complete whenever it exists. */
async function make(folder, partial) {
  try {
    mkdirSync(partial, { recursive: true });
    await run(python, ['-m', 'venv', partial]);
    const own = join(partial, 'bin/python');
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps'];
    await run(own, [...pip, '--requirement', requirements]);
    await run(own, [tables, join(partial, 'neutron.sqlite')]);
    renameSync(partial, folder);
  } catch (error) {
    // Another run may have been faster; its folder is as good as ours.
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}
