import { build } from 'esbuild';

// What jsii compiled is right but slow to load: some forty files. A user's synth pays for each, so one file takes their place.
// The commands for manifests are no part of the constructs: a program of their own.
await build({
  entryPoints: { index: 'src/index.ts', 'config/index': 'src/config/index.ts', cli: 'cli/main.ts' },
  outdir: 'lib',
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  external: ['cdk8s', 'cdk8s-plus-28', 'constructs'],
  keepNames: true,
  logLevel: 'warning',
});
