// Builds CoreDNS, the cluster's DNS in the scenarios: node e2e/cluster/coredns/build.mjs [--path]

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureGoPrograms } from '../../../test/support/go-programs.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const version = /coredns\/coredns (v\d+\.\d+\.\d+)/.exec(readFileSync(join(here, 'go.mod'), 'utf8'));
if (!version) throw new Error('go.mod does not require a release of CoreDNS.');

await ensureGoPrograms({
  name: 'coredns',
  title: 'CoreDNS',
  script: 'e2e/cluster/coredns/build.mjs',
  folder: here,
  packages: ['github.com/coredns/coredns'],
  version: version[1],
  stamps: [],
  go: '1.24',
});
