import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { NeutronRelease } from '../server/neutron-release';

/** Where sqlite_transactions.py lies. */
const SHARED = join(__dirname, '../server');

/** Neutron 29 of PyPI; installs it when it is missing, which takes minutes, once. */
export async function neutron29(): Promise<NeutronRelease> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(__dirname, 'install.mjs')]);
  const folder = stdout.trim();
  const python = ['env', `PYTHONPATH=${SHARED}`, join(folder, 'bin/python')] as const;
  return {
    paste: join(folder, 'etc/neutron/api-paste.ini'),
    tables: join(folder, 'neutron.sqlite'),
    commands: (port, options) => [
      ['neutron', ...python, join(__dirname, 'serve_api.py'), String(port), ...options],
      // Debian's is a part of its server.
      ['maintenance', ...python, join(__dirname, 'maintain.py'), ...options],
    ],
  };
}
