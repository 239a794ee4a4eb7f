// Builds kube-apiserver and kubectl for the tests: node test/api-server/build.mjs [--path]

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureGoPrograms } from '../support/go-programs.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const version = /k8s\.io\/kubernetes (v(\d+)\.(\d+)\.\d+)/.exec(readFileSync(join(here, 'go.mod'), 'utf8'));
if (!version) throw new Error('go.mod does not require a release of k8s.io/kubernetes.');

// What upstream's release build stamps into its programs; without it the server calls itself v0.0.0-master.
const stamps = { gitVersion: version[1], gitMajor: version[2], gitMinor: version[3] };

await ensureGoPrograms({
  name: 'api-server',
  title: 'The test API server',
  script: 'test/api-server/build.mjs',
  folder: here,
  packages: ['k8s.io/kubernetes/cmd/kube-apiserver', 'k8s.io/kubernetes/cmd/kubectl'],
  version: stamps.gitVersion,
  stamps: ['k8s.io/client-go/pkg/version', 'k8s.io/component-base/version'].flatMap((variables) =>
    Object.entries(stamps).map(([name, value]) => `-X ${variables}.${name}=${value}`),
  ),
  go: '1.24',
});
