/**
 * Pulumi's mocks in the place of engine, provider and vCenter, and a stand-in for `@pulumi/vsphere`: tokens, inputs and
 * options are those that the real ones would be given. What vSphere makes of them is not tested here, and our own code
 * sends it nothing.
 */
import * as pulumi from '@pulumi/pulumi';
import { EgressPortGroup, type EgressPortGroupArgs } from '../../../cloud/vsphere';
import { type Registered, runMocked } from '../../support/pulumi-mocks';
import * as vsphere from '../../support/pulumi-vsphere';

const UUID = '50 2e 0c 4f a4 10 fa 0c-6d 9c 4b 29 4e 3d 5b 1c';
const HOSTS = { 'esxi-01': 'host-10', 'esxi-02': 'host-11' };
const STANDARD: EgressPortGroupArgs = { vlanId: 120, standard: { switchName: 'vSwitch1', hosts: HOSTS } };
const DISTRIBUTED: EgressPortGroupArgs = { vlanId: 120, distributed: { switchUuid: UUID } };

const run = (args: EgressPortGroupArgs, opts?: pulumi.ComponentResourceOptions) =>
  runMocked(() => ({ networkName: new EgressPortGroup(vsphere, 'egress', args, opts).networkName }));

const byName = (resources: readonly Registered[]) => Object.fromEntries(resources.map((each) => [each.name, each]));

const OPTIONS = {
  parent: 'pulumi:pulumi:Stack$egress-router:vsphere:EgressPortGroup::egress',
  deleteBeforeReplace: true,
  protect: false,
  version: '4.0.0',
  importId: '',
  aliases: [],
};

test('on standard switches: one port group a host, with all three settings', async () => {
  const { resources, outputs } = await run(STANDARD);
  const group = (host: string, hostSystemId: string) => ({
    type: 'vsphere:index/hostPortGroup:HostPortGroup',
    name: `egress-${host}`,
    inputs: {
      name: 'egress',
      hostSystemId,
      virtualSwitchName: 'vSwitch1',
      vlanId: 120,
      allowPromiscuous: true,
      allowForgedTransmits: true,
      allowMacChanges: true,
    },
    options: OPTIONS,
  });
  expect(resources).toEqual([
    expect.objectContaining({ type: 'egress-router:vsphere:EgressPortGroup', name: 'egress', inputs: {} }),
    group('esxi-01', 'host-10'),
    group('esxi-02', 'host-11'),
  ]);
  expect(outputs).toEqual({ networkName: 'egress' });
});

test('on a distributed switch: one port group, whose ports may not differ', async () => {
  const { resources, outputs } = await run({
    ...DISTRIBUTED,
    portGroupName: 'dv-egress',
    distributed: { switchUuid: UUID, description: 'Egress routers' },
  });
  expect(resources.slice(1)).toEqual([
    {
      type: 'vsphere:index/distributedPortGroup:DistributedPortGroup',
      name: 'egress',
      inputs: {
        name: 'dv-egress',
        distributedVirtualSwitchUuid: UUID,
        vlanId: 120,
        description: 'Egress routers',
        securityPolicyOverrideAllowed: false,
        allowPromiscuous: true,
        allowForgedTransmits: true,
        allowMacChanges: true,
      },
      options: OPTIONS,
    },
  ]);
  expect(outputs).toEqual({ networkName: 'dv-egress' });
});

test('the three settings are not managed with MAC learning', async () => {
  const { resources } = await run({ ...DISTRIBUTED, distributed: { switchUuid: UUID, macLearning: true } });
  expect(resources[1]!.inputs).toEqual({
    name: 'egress',
    distributedVirtualSwitchUuid: UUID,
    vlanId: 120,
    securityPolicyOverrideAllowed: false,
  });
});

// An explicit false: left out, the provider's older releases mean "as the switch has it".
test.each([STANDARD, DISTRIBUTED])('MAC changes can be refused %#', async (args) => {
  const { resources } = await run({ ...args, macChanges: false });
  for (const { inputs } of resources.slice(1)) {
    expect(inputs).toMatchObject({ allowPromiscuous: true, allowForgedTransmits: true, allowMacChanges: false });
  }
});

test('untagged is said explicitly too', async () => {
  const { resources } = await run({ ...DISTRIBUTED, vlanId: 0 });
  expect(resources[1]!.inputs.vlanId).toBe(0);
});

test('the name of a component that is too long for a port group asks for another one', async () => {
  const name = 'x'.repeat(81);
  await runMocked(() => {
    expect(() => new EgressPortGroup(vsphere, name, STANDARD)).toThrow(
      "portGroupName: (nothing) is missing, and the component's name is too long to be that of the port group; " +
        'accepted: a name of 1 to 80 characters',
    );
    expect(new EgressPortGroup(vsphere, name, { ...STANDARD, portGroupName: 'egress' })).toBeDefined();
  });
});

test.each([STANDARD, DISTRIBUTED])(
  'nothing but port groups is made, and nothing that exists is taken over %#',
  async (args) => {
    const { resources, calls } = await run(args);
    expect(calls).toEqual([]);
    for (const { type, options } of resources) {
      expect(type).toMatch(/PortGroup$/);
      expect(options.importId).toBe('');
    }
  },
);

test("the component's protection is that of its port groups", async () => {
  const { resources } = await run(STANDARD, { protect: true });
  expect(resources.map(({ options }) => options.protect)).toEqual([true, true, true]);
});

test('ids, VLAN and names may come from other resources', async () => {
  const later = <T>(value: T) => pulumi.output(Promise.resolve(value));
  const hosts = { 'esxi-01': later('host-10'), 'esxi-02': Promise.resolve('host-11') };
  const { resources } = await run({ vlanId: later(120), standard: { switchName: later('vSwitch1'), hosts } });
  const { resources: expected } = await run(STANDARD);
  // What is known later is registered later: the order says nothing.
  expect(byName(resources)).toEqual(byName(expected));
});

test('its resources have the types of the module that was handed in', async () => {
  await runMocked(() => {
    const { hostPortGroups, distributedPortGroup } = new EgressPortGroup(vsphere, 'a', STANDARD);
    const [group]: (vsphere.HostPortGroup | undefined)[] = [hostPortGroups['esxi-01']];
    expect(Object.keys(hostPortGroups)).toEqual(['esxi-01', 'esxi-02']);
    expect(group).toBeInstanceOf(vsphere.HostPortGroup);
    expect(distributedPortGroup).toBeUndefined();
    const other: vsphere.DistributedPortGroup | undefined = new EgressPortGroup(vsphere, 'b', DISTRIBUTED)
      .distributedPortGroup;
    expect(other).toBeInstanceOf(vsphere.DistributedPortGroup);
  });
});

const { standard } = STANDARD;
const { distributed } = DISTRIBUTED;
test.each<[string, unknown, string]>([
  ['no arguments', undefined, '(the whole input): (nothing) is missing; accepted: an object'],
  ['no switch', { vlanId: 1 }, 'standard: (nothing) is missing; accepted: standard: { switchName, hosts } or'],
  [
    'both switches',
    { ...STANDARD, distributed },
    'is beside "distributed"; accepted: standard: { switchName, hosts } or',
  ],
  ['no VLAN', { standard }, 'vlanId: (nothing) is missing; accepted: a VLAN ID, or 0 for untagged'],
  ['a trunk', { ...STANDARD, vlanId: 4095 }, 'vlanId: 4095 is out of range'],
  ['a VLAN as text', { ...STANDARD, vlanId: '120' }, 'vlanId: "120" is not a number'],
  ['no host', { vlanId: 1, standard: { switchName: 'v', hosts: {} } }, 'standard.hosts: {} is empty'],
  [
    'hosts as a list',
    { vlanId: 1, standard: { switchName: 'v', hosts: ['host-1'] } },
    'standard.hosts: ["host-1"] is not an object; accepted: at least one { NAME: "host-10" }',
  ],
  [
    'an empty host id',
    { vlanId: 1, standard: { switchName: 'v', hosts: { 'esxi-01.example.com': '' } } },
    'standard.hosts."esxi-01.example.com": "" is empty; accepted: the managed object id of an ESXi host, such as "host-10"',
  ],
  [
    'one host twice',
    { vlanId: 1, standard: { switchName: 'v', hosts: { a: 'host-1', b: 'host-1' } } },
    'standard.hosts.b: "host-1" is also the id of "a"; accepted: one name for each host',
  ],
  ['no switch name', { vlanId: 1, standard: { hosts: HOSTS } }, 'standard.switchName: (nothing) is missing'],
  ['the id of a switch', { vlanId: 1, distributed: { switchUuid: 'dvs-21' } }, '"dvs-21" is a managed object id'],
  [
    'a switch by name',
    { vlanId: 1, distributed: { switchUuid: 'dvs' } },
    'distributed.switchUuid: "dvs" is not a UUID',
  ],
  [
    'a long name',
    { ...STANDARD, portGroupName: 'x'.repeat(81) },
    'is too long; accepted: a name of 1 to 80 characters',
  ],
  ['a flag as text', { ...STANDARD, macChanges: 'no' }, 'macChanges: "no" is not a boolean; accepted: true or false'],
  [
    'MAC changes beside MAC learning',
    { vlanId: 1, macChanges: true, distributed: { switchUuid: UUID, macLearning: true } },
    'macChanges: true would undo MAC learning; accepted: nothing beside distributed.macLearning',
  ],
  ['a wrong key', { ...STANDARD, vlanID: 1 }, 'vlanID: 1 is an unknown key (did you mean "vlanId"?)'],
])('%s is refused before anything is registered', async (_what, args, message) => {
  const { resources } = await runMocked(() => {
    expect(() => new EgressPortGroup(vsphere, 'egress', args as EgressPortGroupArgs)).toThrow(
      expect.objectContaining({ message: expect.stringContaining(message) }),
    );
  });
  expect(resources).toEqual([]);
});

test.each<[string, unknown, EgressPortGroupArgs, string]>([
  [
    'no module',
    undefined,
    STANDARD,
    'vsphere: (nothing) has no class HostPortGroup; accepted: the module @pulumi/vsphere',
  ],
  ['a default import', { default: vsphere }, DISTRIBUTED, 'vsphere: ["default"] has no class DistributedPortGroup'],
])('%s is refused before anything is registered', async (_what, module, args, message) => {
  const { resources } = await runMocked(() => {
    expect(() => new EgressPortGroup(module as typeof vsphere, 'egress', args)).toThrow(message);
  });
  expect(resources).toEqual([]);
});
