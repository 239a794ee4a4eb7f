import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { chdir } from 'node:process';
import { fileURLToPath } from 'node:url';
import { ensureBuilt } from './ensure-built.mjs';
import { ensureInstalled } from './ensure-installed.mjs';

// The main job, on a fresh machine: synthesize the two examples, and say what will happen to a packet.
chdir(fileURLToPath(new URL('..', import.meta.url)));
ensureInstalled();
ensureBuilt();

for (const example of ['okd', 'standalone']) {
  const outdir = `dist/${example}`;
  console.log(`\nexamples/${example}/main.ts`);
  const env = { ...process.env, CDK8S_OUTDIR: outdir };
  execFileSync(process.execPath, ['node_modules/tsx/dist/cli.mjs', `examples/${example}/main.ts`], {
    env,
    stdio: ['ignore', 'inherit', process.stdout],
  });
  for (const file of readdirSync(outdir)) console.log(`wrote ${outdir}/${file}`);
}
console.log('\nApply with: kubectl apply --server-side -f dist/okd');
console.log('Standalone pods wait for the plugin and the image, which are not released yet.');
