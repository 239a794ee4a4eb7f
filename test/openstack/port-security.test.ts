import { randomUUID } from 'node:crypto';
import type { Program } from './pulumi/run';
import { missingPulumi, TestStack } from './pulumi/stack';
import { describeWithOpenStack } from './server/describe-with-openstack';

const IP = '192.168.12.99';
const MAC = '02:00:c0:a8:0c:63';
const ROUTERS = [{ addresses: [{ ip: `${IP}/24` }], macAddress: MAC }];

describeWithOpenStack(
  'ports without port security',
  (cloud) => {
    let stack: TestStack;

    beforeEach(() => {
      stack = new TestStack(cloud().variables);
    });

    afterEach(() => stack.remove());

    /** A port of a card for routers, with two security groups. */
    async function card() {
      const { admin, networkId } = cloud();
      const groups = [await admin.createSecurityGroup('web'), await admin.createSecurityGroup('ssh')];
      const { id: portId } = await admin.createPort(networkId);
      await admin.setPort(portId, { security_groups: groups });
      return { portId, before: await security(portId) };
    }

    async function security(portId: string) {
      const { port_security_enabled, security_groups, tags } = await cloud().admin.port(portId);
      return { isOn: port_security_enabled, groups: [...security_groups].sort(), tags: tags.length };
    }

    const partner = (portId: string, disablePortSecurity = true, name = 'partner'): Program => ({
      ports: { [name]: { routers: ROUTERS, nodes: [{ portId }], ...(disablePortSecurity && { disablePortSecurity }) } },
    });

    test('pairs, then none, nothing to do, drift, destroy: the security groups are as they were', async () => {
      const { admin, gate } = cloud();
      const { portId, before } = await card();
      expect(before).toMatchObject({ isOn: true, tags: 0 });
      await stack.up(partner(portId, false));
      expect(await admin.pairs(portId)).toEqual([`${IP} ${MAC}`]);

      expect((await stack.up(partner(portId))).changes).toMatchObject({ create: 1, delete: 1 });
      expect(await security(portId)).toEqual({ isOn: false, groups: [], tags: 3 });
      expect(await admin.pairs(portId)).toEqual([]);

      gate.reset();
      expect((await stack.up(partner(portId))).changes).toEqual({ same: 3 });
      expect(gate.writes).toBe(0);

      await admin.setPort(portId, { port_security_enabled: true, security_groups: before.groups.slice(1) });
      expect((await stack.refresh(partner(portId))).changes).toMatchObject({ delete: 1 });
      expect((await stack.up(partner(portId))).changes).toMatchObject({ create: 1 });
      expect(await security(portId)).toMatchObject({ isOn: false });

      await stack.destroy();
      expect(await security(portId)).toEqual({ ...before, groups: before.groups.slice(1) });
    });

    test('a component with another name keeps port security off, and destroy restores the groups that still exist', async () => {
      const { portId, before } = await card();
      await stack.up(partner(portId));
      cloud().gate.reset();
      await stack.up(partner(portId, true, 'renamed'));
      expect(cloud().gate.writes).toBe(0);
      expect(await security(portId)).toMatchObject({ isOn: false });
      await cloud().admin.neutron('DELETE', `/security-groups/${before.groups[0]}`);
      await stack.destroy();
      expect(await security(portId)).toEqual({ ...before, groups: before.groups.slice(1) });
    });

    test('a port with the pairs of an installer, or of no machine at all, is rejected, and nothing is written', async () => {
      const { admin, networkId, gate } = cloud();
      const { id: portId } = await admin.createPort(networkId, { pairs: [{ ip_address: '10.20.0.5' }] });
      await expect(stack.up(partner(portId))).rejects.toThrow(
        new RegExp(`port ${portId} has address pairs of another program \\(10\\.20\\.0\\.5 fa:16:3e:[0-9a-f:]+\\)`),
      );
      await expect(stack.up(partner(randomUUID()))).rejects.toThrow('does not exist for this user');
      expect(gate.writes).toBe(0);
      expect(await security(portId)).toMatchObject({ isOn: true, tags: 0 });
    });
  },
  missingPulumi,
);
