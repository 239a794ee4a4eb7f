import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { NeutronRelease } from '../server/neutron-release';

/** Neutron 29 of PyPI; installs it when it is missing, which takes minutes, once. */
export async function neutron29(): Promise<NeutronRelease> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(__dirname, 'install.mjs')]);
  const folder = stdout.trim();
  const python = join(folder, 'bin/python');
  return {
    paste: join(folder, 'etc/neutron/api-paste.ini'),
    tables: join(folder, 'neutron.sqlite'),
    commands: (port, options) => [
      ['neutron', python, join(__dirname, 'serve_api.py'), String(port), ...options],
      // Debian's is a part of its server.
      ['maintenance', python, join(__dirname, 'maintain.py'), ...options],
    ],
  };
}
