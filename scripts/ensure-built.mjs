import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Compiles src to lib unless lib is newer: the examples import the library by its name, as users do. */
export function ensureBuilt() {
  const newest = Math.max(...filesBelow('src').map((file) => statSync(file).mtimeMs), statSync('package.json').mtimeMs);
  if (existsSync('.jsii') && existsSync('lib/index.js') && statSync('.jsii').mtimeMs > newest) return;
  console.error('Compiling the library …');
  // jsii prints a banner of ten lines for a Node.js that is past its end of life, however well it works.
  const env = { JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '18,20', ...process.env };
  execFileSync('npm', ['run', '--silent', 'build'], { env, stdio: ['ignore', process.stderr, process.stderr] });
}

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}
