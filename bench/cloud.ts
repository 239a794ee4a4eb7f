import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { missingPulumi } from '../test/openstack/pulumi/stack';
import { missingOpenStack } from '../test/openstack/server/openstack';
import { cloudImportTime } from './import';

/** The cloud components, against a real Keystone and Neutron. */
export function cloud(quick: boolean): string {
  return ['# Cloud', cloudImportTime(quick), writing(quick)].join('\n\n');
}

function writing(quick: boolean): string {
  const missing = missingOpenStack() ?? missingPulumi();
  if (missing !== undefined) {
    if (process.env.CI) throw new Error(missing);
    return `Address pairs were not measured. ${missing}`;
  }
  const args = [...process.execArgv, join(__dirname, 'cloud/main.ts'), ...(quick ? ['--quick'] : [])];
  const { status, stdout } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error(`the bench of the cloud's side: exit status ${status}`);
  return stdout.trimEnd();
}
