import { build } from 'esbuild';

// What jsii compiled is right but slow to load: some forty files. A user's synth pays for each, so one file takes their place.
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
