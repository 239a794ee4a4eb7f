import { execFileSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { newestChange } from './newest-change.mjs';

/**
 * Compiles src and cli to lib and cloud to cloud/lib unless those are newer: the examples import both by their names,
 * as users do.
 */
export function ensureBuilt() {
  buildLibrary();
  bundleCommands();
  execFileSync(process.execPath, ['scripts/build-cloud.mjs'], { stdio: ['ignore', process.stderr, process.stderr] });
}

function buildLibrary() {
  const newest = newestChange(['src', 'package.json']);
  if (
    existsSync('.jsii') &&
    existsSync('lib/index.js') &&
    existsSync('lib/cli.js') &&
    statSync('.jsii').mtimeMs > newest
  )
    return;
  console.error('Compiling the library …');
  // jsii prints a banner of ten lines for a Node.js that is past its end of life, however well it works.
  const env = { JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '18,20', ...process.env };
  execFileSync('npm', ['run', '--silent', 'build'], { env, stdio: ['ignore', process.stderr, process.stderr] });
}

/** The commands for manifests do not need jsii: only their bundle is rebuilt. */
function bundleCommands() {
  if (statSync('lib/cli.js').mtimeMs > newestChange(['cli'])) return;
  execFileSync(process.execPath, ['scripts/bundle.mjs'], { stdio: ['ignore', process.stderr, process.stderr] });
}
