// Builds Kubernetes' programs for the cluster of the scenarios: node e2e/cluster/kubernetes/build.mjs [--path]

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureGoPrograms } from '../../../test/support/go-programs.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const version = /k8s\.io\/kubernetes (v(\d+)\.(\d+)\.\d+)/.exec(readFileSync(join(here, 'go.mod'), 'utf8'));
if (!version) throw new Error('go.mod does not require a release of k8s.io/kubernetes.');

// What upstream's release build stamps into its programs; without it they call themselves v0.0.0-master.
const stamps = { gitVersion: version[1], gitMajor: version[2], gitMinor: version[3] };
const PROGRAMS = ['kube-apiserver', 'kube-controller-manager', 'kube-proxy', 'kube-scheduler', 'kubectl', 'kubelet'];

await ensureGoPrograms({
  name: 'kubernetes',
  title: 'Kubernetes',
  script: 'e2e/cluster/kubernetes/build.mjs',
  folder: here,
  packages: PROGRAMS.map((program) => `k8s.io/kubernetes/cmd/${program}`),
  version: stamps.gitVersion,
  stamps: ['k8s.io/client-go/pkg/version', 'k8s.io/component-base/version'].flatMap((variables) =>
    Object.entries(stamps).map(([name, value]) => `-X ${variables}.${name}=${value}`),
  ),
  go: '1.24',
});
