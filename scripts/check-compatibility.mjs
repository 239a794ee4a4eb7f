/**
 * `npm run compatibility`: compares the API of the built library with the one of the last release on npm. A break that
 * is not in allowed-breaking-changes.txt is an error.
 *
 * `-- --against FOLDER` compares with the assembly (.jsii) in a folder, and `--allowed FILE` reads other allowed
 * breaks. The folder lies within this package, where the library's peers are found.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';

process.chdir(join(import.meta.dirname, '..'));

const { name } = JSON.parse(readFileSync('package.json', 'utf8'));
const { values } = parseArgs({ options: { against: { type: 'string' }, allowed: { type: 'string' } } });

try {
  process.exitCode = main();
} catch (error) {
  console.error(`compatibility: ${error.message}`);
  process.exitCode = 1;
}

/** @returns the exit status */
function main() {
  const folder = values.against ?? fetchRelease();
  if (folder === undefined) {
    console.log(`compatibility: ${name} has no release to compare with yet`);
    return 0;
  }
  return compare(folder, values.allowed ?? 'allowed-breaking-changes.txt');
}

/** @returns the folder of the last release's package, or undefined before the first release */
function fetchRelease() {
  const version = lastVersion();
  if (version === undefined) return undefined;
  const folder = 'dist/compatibility';
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const words = ['pack', '--json', '--pack-destination', folder, `${name}@${version}`];
  const [{ filename }] = JSON.parse(execFileSync('npm', words, { encoding: 'utf8' }));
  execFileSync('tar', ['-xzf', join(folder, filename), '-C', folder]);
  return join(folder, 'package');
}

function lastVersion() {
  const { status, stdout, stderr } = spawnSync('npm', ['view', name, 'version', '--json'], { encoding: 'utf8' });
  const answer = stdout.trim() === '' ? undefined : JSON.parse(stdout);
  if (status === 0) return answer;
  // Only this error means that there is no release; an unreachable registry is another error.
  if (answer?.error?.code === 'E404') return undefined;
  throw new Error(`npm view ${name}: ${stderr.trim()}`);
}

/** The whole API counts: it is marked experimental before 1.0, and users write programs with it all the same. */
function compare(folder, allowed) {
  const words = [folder, '.', '--error-on', 'all', '--keys', '--ignore-file', allowed];
  const env = { ...process.env, JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '18,20' };
  const program = 'node_modules/jsii-diff/bin/jsii-diff';
  const { status } = spawnSync(process.execPath, [program, ...words], { env, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0)
    console.error(`compatibility: restore what was removed, or add its key in [] to ${allowed} with the reason`);
  else console.log(`compatibility: no break beyond those in ${allowed}`);
  return status ?? 1;
}
