/** The Pulumi examples under mocks: what each asks its cloud for. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as pulumi from '@pulumi/pulumi';
import { Yaml } from 'cdk8s';
import { program as onVSphere } from '../../examples/pulumi-vsphere/program';
import { runMocked } from '../support/pulumi-mocks';

/** Gives a program the configuration of its stack `prod`, as the engine would: texts, and JSON for the rest. */
function configure(example: string): void {
  const file = join(__dirname, '..', '..', 'examples', example, 'Pulumi.prod.yaml');
  const [{ config }] = Yaml.load(file) as [{ config: Record<string, unknown> }];
  const texts = Object.entries(config).map(([key, value]) => {
    const name = key.replace(/^egress-\w+:/, 'project:');
    return [name, typeof value === 'string' ? value : JSON.stringify(value)];
  });
  pulumi.runtime.setAllConfig(Object.fromEntries(texts));
}

const UUID = '50 2e 0c 4f a4 10 fa 0c-6d 9c 4b 29 4e 3d 5b 1c';
const VSPHERE_ANSWERS: Record<string, string> = {
  'vsphere:index/getDatacenter:getDatacenter': 'datacenter-3',
  'vsphere:index/getDistributedVirtualSwitch:getDistributedVirtualSwitch': UUID,
};

test('pulumi-vsphere: a port group on the switch that was looked up, with the reserved addresses in its description', async () => {
  configure('pulumi-vsphere');
  const { resources, calls, outputs } = await runMocked(onVSphere, (token) => ({ id: VSPHERE_ANSWERS[token] }));
  expect(calls.map(({ inputs }) => inputs)).toEqual([
    { name: 'dc-1' },
    { name: 'dvs-1', datacenterId: 'datacenter-3' },
  ]);
  expect(resources.at(-1)).toMatchObject({
    type: 'vsphere:index/distributedPortGroup:DistributedPortGroup',
    inputs: {
      name: 'egress',
      distributedVirtualSwitchUuid: UUID,
      vlanId: 120,
      description: expect.stringContaining('192.168.12.99/24, 2001:db8:12::99/64'),
    },
  });
  expect(outputs).toEqual({ network: 'egress' });
});

test.each(['pulumi-vsphere'])("%s takes the router from the constructs' example", (example) => {
  const program = readFileSync(join(__dirname, '..', '..', 'examples', example, 'program.ts'), 'utf8');
  expect(program).toContain("from '../standalone/router'");
  expect(program).not.toMatch(/\d+\.\d+\.\d+\.\d+|([0-9a-f]{2}:){5}/);
});
