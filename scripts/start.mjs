import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import process, { argv, chdir, exit } from 'node:process';
import { fileURLToPath } from 'node:url';
import { ownBun } from './bun-runtime.mjs';
import { missingRequirements } from './demo/requirements.mjs';
import { ensureBuilt } from './ensure-built.mjs';
import { ensureInstalled } from './ensure-installed.mjs';

// The main job, on a fresh machine: synthesize an example of each mode, say what will happen to a packet, and show it.
// With `--keep` the router stays, for a look at it.
chdir(fileURLToPath(new URL('..', import.meta.url)));
ensureInstalled();
ensureBuilt();

// Who interrupts means the router, which takes its namespaces away before it ends.
process.on('SIGINT', () => undefined);

/** The demonstration takes five seconds, and each of its waits is bounded; this is for what it does not foresee. */
const DEMONSTRATION_MILLISECONDS = 120_000;

function run(program, words, options = {}) {
  execFileSync(program, words, { stdio: ['ignore', 'inherit', process.stdout], ...options });
}

const tsx = 'node_modules/tsx/dist/cli.mjs';
for (const example of ['okd', 'live-rules']) {
  const outdir = `dist/${example}`;
  console.log(`\nexamples/${example}/main.ts`);
  const env = { ...process.env, CDK8S_OUTDIR: outdir };
  run(process.execPath, [tsx, `examples/${example}/main.ts`], { env });
  for (const file of readdirSync(outdir)) console.log(`wrote ${outdir}/${file}`);
}
console.log('\nApply with: kubectl apply --server-side -f dist/okd');

console.log('\nThe same for real: client ─ router ─ gateway ─ server in network namespaces of this machine');
const missing = missingRequirements();
if (missing.length > 0) {
  console.log(`  not shown here: it needs ${missing.join('; ')}`);
  exit(process.env.CI ? 1 : 0);
}
run(process.execPath, ['scripts/build-plugin.mjs']);
const isKept = argv.includes('--keep');
try {
  // No program between: a signal has to reach it as it is.
  run(ownBun(), ['scripts/demo.ts', 'dist/live-rules', ...argv.slice(2)], {
    timeout: isKept ? undefined : DEMONSTRATION_MILLISECONDS,
  });
} catch {
  // It has said why.
  exit(1);
}
