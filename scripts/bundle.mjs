import { build } from 'esbuild';

// jsii's output has some forty files, which are slow to load at every synth, so it is bundled into one.
const OPTIONS = {
  outdir: 'lib',
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  external: ['cdk8s', 'cdk8s-plus-28', 'constructs'],
  logLevel: 'warning',
};
// Constructs' names are read by those who print a tree of them.
await build({
  ...OPTIONS,
  entryPoints: { index: 'src/index.ts', 'domain/index': 'src/domain/index.ts' },
  keepNames: true,
});
// The commands for manifests are a separate program from the constructs. Its names are not read, and keeping them costs
// a call for each function that is made.
await build({ ...OPTIONS, entryPoints: { cli: 'cli/main.ts' } });
