import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { run, succeeds } from './command.mjs';
import { installedFolder, installedVersion, ownManifest, PACMAK_VERSION, pacmak } from './pacmak.mjs';

const OWN_MODULE = `${ownManifest().jsii.targets.go.moduleName}/cdk8segressrouter`;
const CDK8S_MODULE = 'github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2';

export const go = {
  name: 'Go',
  program: 'main.go',
  missing: () => (succeeds('go', 'version') ? [] : ['go, 1.25 or later: https://go.dev/dl']),
  steps: [
    ['jsii-pacmak generates the module', (work) => pacmak('go', work, { flags: ['--code-only'] })],
    // A module of the npm package, because not every module proxy serves cdk8s' own.
    ['jsii-pacmak generates the module of cdk8s', generateCdk8s],
    ['go.mod with both', writeGoMod],
  ],
  synthesize,
};

function generateCdk8s(work) {
  pacmak('go', join(work, 'cdk8s'), { project: installedFolder('cdk8s'), flags: ['--code-only'] });
}

function writeGoMod(work) {
  const requirements = {
    [OWN_MODULE]: ownManifest().version,
    [CDK8S_MODULE]: installedVersion('cdk8s'),
    'github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2': installedVersion('cdk8s-plus-28'),
    'github.com/aws/constructs-go/constructs/v10': installedVersion('constructs'),
    'github.com/aws/jsii-runtime-go': PACMAK_VERSION,
  };
  const lines = [
    'module example',
    'go 1.25',
    ...Object.entries(requirements).map(([module, version]) => `require ${module} v${version}`),
    `replace ${OWN_MODULE} => ./go/cdk8segressrouter`,
    `replace ${CDK8S_MODULE} => ./cdk8s/go/cdk8s`,
  ];
  writeFileSync(join(work, 'go.mod'), `${lines.join('\n')}\n`);
}

function synthesize(work, folder, env) {
  const program = join(work, 'bin', basename(folder));
  mkdirSync(join(work, 'bin'), { recursive: true });
  // Without paths in them, Go's own cache finds the compiled packages again in another work folder.
  const flags = ['-mod=mod', '-trimpath', '-o', program];
  run('go', ['build', ...flags, join(folder, 'main.go')], { cwd: work, env: { GOFLAGS: '', GOWORK: 'off' } });
  run(program, [], { cwd: work, env });
}
