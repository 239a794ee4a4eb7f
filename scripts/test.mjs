import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { argv, chdir, exit } from 'node:process';
import { fileURLToPath } from 'node:url';
import { ensureBuilt } from './ensure-built.mjs';
import { ensureInstalled } from './ensure-installed.mjs';

// The tests of one jest project, on a fresh machine too. With --full those that repeat do so to the end; further arguments
// go to jest.
chdir(fileURLToPath(new URL('..', import.meta.url)));
ensureInstalled();
ensureBuilt();
const [project, ...given] = argv.slice(2);
const rest = given.filter((argument) => argument !== '--full');
if (rest.length < given.length) process.env.EGRESS_ROUTER_FULL = '1';
// Tests put what they make below dist, where the library's name leads to the library.
mkdirSync('dist/test-results', { recursive: true });
const results = `dist/test-results/${project}.json`;
const jest = [
  'node_modules/jest/bin/jest.js',
  '--selectProjects',
  project,
  '--json',
  `--outputFile=${results}`,
  ...rest,
];
try {
  // With --json, jest repeats the results on standard output; people read standard error.
  execFileSync(process.execPath, jest, { stdio: ['ignore', 'ignore', 'inherit'] });
} catch {
  exit(1);
}
