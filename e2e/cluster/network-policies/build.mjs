// Builds an agent that enforces NetworkPolicy, for the cluster of the scenarios: node
// e2e/cluster/network-policies/build.mjs [--path]

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureGoPrograms } from '../../../test/support/go-programs.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const version = /kube-network-policies (v\d+\.\d+\.\d+)/.exec(readFileSync(join(here, 'go.mod'), 'utf8'));
if (!version) throw new Error('go.mod does not require a release of kube-network-policies.');

await ensureGoPrograms({
  name: 'network-policies',
  title: 'kube-network-policies',
  script: 'e2e/cluster/network-policies/build.mjs',
  folder: here,
  packages: ['sigs.k8s.io/kube-network-policies/cmd'],
  version: version[1],
  stamps: [],
  go: '1.24',
});
