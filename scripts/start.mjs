import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import process, { argv, chdir, getuid, platform } from 'node:process';
import { fileURLToPath } from 'node:url';
import { ensureBuilt } from './ensure-built.mjs';
import { ensureInstalled } from './ensure-installed.mjs';

// The main job, on a fresh machine: synthesize an example of each mode, say what will happen to a packet, and show it. With `--keep`
// the router stays, for a look at it.
chdir(fileURLToPath(new URL('..', import.meta.url)));
ensureInstalled();
ensureBuilt();

// Who interrupts means the router, which takes its namespaces away before it ends.
process.on('SIGINT', () => undefined);

function run(env, ...words) {
  execFileSync(process.execPath, words, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', process.stdout],
  });
}

const tsx = 'node_modules/tsx/dist/cli.mjs';
for (const example of ['okd', 'live-rules']) {
  const outdir = `dist/${example}`;
  console.log(`\nexamples/${example}/main.ts`);
  run({ CDK8S_OUTDIR: outdir }, tsx, `examples/${example}/main.ts`);
  for (const file of readdirSync(outdir)) console.log(`wrote ${outdir}/${file}`);
}
console.log('\nApply with: kubectl apply --server-side -f dist/okd');

// The namespaces need root on Linux; elsewhere it says so.
if (platform === 'linux' && getuid() === 0) run({}, 'scripts/build-plugin.mjs');
// No program between: a signal has to reach it as it is.
run({}, '--import', 'tsx', 'scripts/demo.ts', 'dist/live-rules', ...argv.slice(2));
