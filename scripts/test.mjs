import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { argv, chdir, exit } from 'node:process';
import { fileURLToPath } from 'node:url';
import { ensureBuilt } from './ensure-built.mjs';
import { ensureInstalled } from './ensure-installed.mjs';
import { leftIn } from './temporary-folder.mjs';

// The tests of one jest project, on a fresh machine too. With --full those that repeat do so to the end; further
// arguments go to jest.
chdir(fileURLToPath(new URL('..', import.meta.url)));
ensureInstalled();
ensureBuilt();
const [project, ...given] = argv.slice(2);
const rest = given.filter((argument) => argument !== '--full');
if (rest.length < given.length) process.env.EGRESS_ROUTER_FULL = '1';
// Tests put what they make below dist, where the library's name leads to the library.
mkdirSync('dist/test-results', { recursive: true });

// The other projects share a cluster, a browser or the kernel's tables, and mount what must not be removed from
// outside.
const left = project === 'unit' ? leftIn(() => runJest(workers())) : runJest([]);
if (left?.length > 0) {
  console.error(`tests left ${left.join(', ')} in the folder for temporary files`);
  exit(1);
}

function runJest(options) {
  const results = ['--json', `--outputFile=dist/test-results/${project}.json`];
  const words = ['node_modules/jest/bin/jest.js', '--selectProjects', project, ...results, ...options, ...rest];
  try {
    // With --json, jest repeats the results on standard output; people read standard error.
    execFileSync(process.execPath, words, { stdio: ['ignore', 'ignore', 'inherit'] });
  } catch {
    process.exitCode = 1;
  }
}

/** One for each processor: jest leaves one to itself, which is half of a machine that has two. */
function workers() {
  return rest.some((word) => /^(-i|-w|--runInBand|--maxWorkers)/.test(word)) ? [] : ['--maxWorkers=100%'];
}
