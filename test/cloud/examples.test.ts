/** The Pulumi examples under mocks: what each asks its cloud for. The OpenStack ones run for real in test/openstack. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as pulumi from '@pulumi/pulumi';
import { Yaml } from 'cdk8s';
import { program as onOpenStack } from '../../examples/pulumi-openstack/program';
import { program as fromValues } from '../../examples/pulumi-values/program';
import { program as onVSphere } from '../../examples/pulumi-vsphere/program';
import { runMocked } from '../support/pulumi-mocks';

/** Gives a program the configuration of its stack `prod`, as the engine would: texts, and JSON for the rest. */
function configure(example: string, changes: Record<string, unknown> = {}): void {
  const file = join(__dirname, '..', '..', 'examples', example, 'Pulumi.prod.yaml');
  const [{ config }] = Yaml.load(file) as [{ config: Record<string, unknown> }];
  const texts = Object.entries({ ...config, ...changes }).map(([key, value]) => {
    return [key.replace(/^egress-\w+:/, 'project:'), typeof value === 'string' ? value : JSON.stringify(value)];
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

const PORTS = ['5b2a5b6c-0c7e-4c3a-9a53-0d6c1f1f6e0a', '0d6c1f1f-0c7e-4c3a-9a53-5b2a5b6c6e0a'];

/** The pairs that a program asks for on nodes that need no look-up, which would be requests. */
async function pairsOf(example: string, program: () => void): Promise<unknown[]> {
  configure(example, { 'project:nodes': PORTS.map((portId) => ({ portId })) });
  const { resources } = await runMocked(program);
  const pairs = resources.filter(({ type }) => type.endsWith(':AllowedAddressPair'));
  return pairs.map(({ inputs: { portId, ipAddress, macAddress, cloud } }) => [portId, ipAddress, macAddress, cloud]);
}

test('pulumi-openstack: the addresses of the constructs, with the MAC that they derive, on every node', async () => {
  const pairs = await pairsOf('pulumi-openstack', onOpenStack);
  const manifests = readFileSync(join(__dirname, '..', 'fixtures', 'standalone.k8s.yaml'), 'utf8');
  const [, macAddress] = /"mac": "([^"]+)"/.exec(manifests)!;
  expect(macAddress).toBe('e2:65:c0:a8:0c:63');
  const addresses = ['192.168.12.99', '2001:db8:12::99'];
  expect(pairs).toEqual(PORTS.flatMap((port) => addresses.map((address) => [port, address, macAddress, 'prod'])));
});

test('pulumi-values: the routers of the YAML file, with the MAC addresses that it gives or implies', async () => {
  const pairs = await pairsOf('pulumi-values', fromValues);
  expect(pairs.slice(0, 3)).toEqual([
    [PORTS[0], '192.168.12.99', '02:00:5e:10:00:63', 'prod'],
    [PORTS[0], '192.168.12.100', 'e2:65:c0:a8:0c:64', 'prod'],
    [PORTS[0], '2001:db8:12::100', 'e2:65:c0:a8:0c:64', 'prod'],
  ]);
  expect(pairs).toHaveLength(6);
});

test.each(['pulumi-openstack', 'pulumi-vsphere'])("%s takes the router from the constructs' example", (example) => {
  const program = readFileSync(join(__dirname, '..', '..', 'examples', example, 'program.ts'), 'utf8');
  expect(program).toContain("from '../standalone/router'");
  expect(program).not.toMatch(/\d+\.\d+\.\d+\.\d+|([0-9a-f]{2}:){5}/);
});
