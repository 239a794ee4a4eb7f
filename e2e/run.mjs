import { execFileSync } from 'node:child_process';
import { argv, chdir, env, exit } from 'node:process';
import { fileURLToPath } from 'node:url';
import { ensureInstalled } from '../scripts/ensure-installed.mjs';

// `npm run e2e [-- NAME] [-- --keep] [-- --full]` runs every scenario, or those with NAME in their name. --keep leaves
// the cluster running for inspection; --full also runs the long scenarios.
chdir(fileURLToPath(new URL('..', import.meta.url)));
ensureInstalled();
const flags = { '--keep': 'EGRESS_ROUTER_KEEP', '--full': 'EGRESS_ROUTER_FULL' };
const [names, options] = [
  argv.slice(2).filter((arg) => !arg.startsWith('--')),
  argv.slice(2).filter((arg) => arg.startsWith('--')),
];
for (const option of options) {
  if (!Object.hasOwn(flags, option)) {
    console.error(`e2e: unknown flag ${option}; accepted: ${Object.keys(flags).join(', ')}`);
    exit(1);
  }
  env[flags[option]] = '1';
}
try {
  const long = options.includes('--full') ? ['network-policies'] : [];
  for (const program of ['kubernetes', 'multus', 'coredns', ...long]) node(`e2e/cluster/${program}/build.mjs`);
  node('scripts/build-image.mjs');
  node('scripts/test.mjs', 'e2e', ...(names.length === 0 ? [] : ['--testNamePattern', names.join(' ')]));
} catch {
  // The failed step has reported its error.
  exit(1);
}

function node(...words) {
  execFileSync('node', words, { stdio: 'inherit' });
}
