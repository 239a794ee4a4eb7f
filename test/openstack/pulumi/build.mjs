// Builds the Pulumi command line for the tests: node test/openstack/pulumi/build.mjs [--path]
//
// npm's package of it downloads the program from elsewhere, and Debian has none.

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureGoPrograms } from '../../support/go-programs.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const version = /github\.com\/pulumi\/pulumi\/sdk\/v3 (v\d+\.\d+\.\d+)/.exec(
  readFileSync(join(here, 'go.mod'), 'utf8'),
);
if (!version) throw new Error('go.mod does not require a release of github.com/pulumi/pulumi/sdk/v3.');

await ensureGoPrograms({
  name: 'pulumi',
  title: 'The Pulumi command line',
  script: 'test/openstack/pulumi/build.mjs',
  folder: here,
  packages: ['github.com/pulumi/pulumi/pkg/v3/cmd/pulumi'],
  version: version[1],
  // The Automation API refuses a program without a version.
  stamps: [`-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=${version[1]}`],
  go: '1.25',
});
