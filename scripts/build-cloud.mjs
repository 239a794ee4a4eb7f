import { execFileSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { chdir } from 'node:process';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { ensureInstalled } from './ensure-installed.mjs';
import { newestChange } from './newest-change.mjs';

// `npm run build:cloud`: cloud/lib, one file for each entry point with src/domain compiled in, so that a program loads
// little.
chdir(fileURLToPath(new URL('..', import.meta.url)));
ensureInstalled();

const LAST = 'cloud/lib/openstack/index.js';
const SOURCES = ['cloud', 'src/domain', 'package-lock.json', 'scripts'];

if (!existsSync(LAST) || statSync(LAST).mtimeMs <= newestChange(SOURCES)) {
  console.error('Compiling the cloud side …');
  execFileSync('node_modules/.bin/tsc', ['-p', 'cloud'], { stdio: ['ignore', 'inherit', 'inherit'] });
  await build({
    entryPoints: [
      'cloud/vsphere/index.ts',
      'cloud/openstack/pair-operations.ts',
      'cloud/openstack/port-security-operations.ts',
      'cloud/openstack/index.ts',
    ],
    outdir: 'cloud/lib',
    outbase: 'cloud',
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    external: ['@pulumi/*'],
    logLevel: 'warning',
  });
}
