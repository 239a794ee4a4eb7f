// Builds Multus, thin, for the cluster of the scenarios: node e2e/cluster/multus/build.mjs [--path]

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureGoPrograms } from '../../../test/support/go-programs.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const version = /multus-cni\.v4 (v\d+\.\d+\.\d+)/.exec(readFileSync(join(here, 'go.mod'), 'utf8'));
if (!version) throw new Error('go.mod does not require a release of Multus.');

await ensureGoPrograms({
  name: 'multus',
  title: 'Multus',
  script: 'e2e/cluster/multus/build.mjs',
  folder: here,
  packages: ['gopkg.in/k8snetworkplumbingwg/multus-cni.v4/cmd/multus'],
  version: version[1],
  stamps: [],
  go: '1.24',
});
