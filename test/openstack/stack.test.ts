import type { Program } from './pulumi/run';
import { missingPulumi, TestStack } from './pulumi/stack';
import { describeWithOpenStack } from './server/describe-with-openstack';

/** What the installer put on every node: the addresses of the cluster's API and of its ingress. */
const INSTALLERS = [{ ip_address: '10.20.0.5' }, { ip_address: '10.20.0.7' }];

const IP = '192.168.12.99';
const MAC = '02:00:c0:a8:0c:63';

describeWithOpenStack(
  'a stack of the real engine',
  (cloud) => {
    let stack: TestStack;

    beforeEach(() => {
      stack = new TestStack(cloud().variables);
    });

    afterEach(() => stack.remove());

    async function node() {
      const { admin, networkId } = cloud();
      const { id: portId } = await admin.createPort(networkId, { pairs: INSTALLERS });
      return { portId, before: await admin.pairs(portId) };
    }

    const billing = (portId: string, more: object = {}): Program => ({
      pairs: { billing: { portId, ipAddress: IP, macAddress: MAC, ...more } },
    });

    test("up, nothing to do, drift, another MAC, destroy: the installer's pairs are as they were", async () => {
      const { admin, gate } = cloud();
      const { portId, before } = await node();
      expect(before).toHaveLength(2);

      expect((await stack.up(billing(portId))).changes).toEqual({ create: 2 });
      expect(await admin.pairs(portId)).toEqual([...before, `${IP} ${MAC}`].sort());

      gate.reset();
      const sameInCapitals = billing(portId, { macAddress: MAC.toUpperCase() });
      expect((await stack.preview(sameInCapitals)).changes).toEqual({ same: 2 });
      expect((await stack.up(sameInCapitals)).changes).toEqual({ same: 2 });
      expect(gate.writes).toBe(0);

      await admin.dropPair(portId, IP);
      expect((await stack.refresh(billing(portId))).changes).toMatchObject({ delete: 1 });
      expect((await stack.up(billing(portId))).changes).toEqual({ same: 1, create: 1 });
      expect(await admin.pairs(portId)).toEqual([...before, `${IP} ${MAC}`].sort());

      const otherMac = billing(portId, { macAddress: '02:00:00:00:00:01' });
      expect((await stack.up(otherMac)).changes).toEqual({ same: 1, update: 1 });
      expect(await admin.pairs(portId)).toEqual([...before, `${IP} 02:00:00:00:00:01`].sort());

      await stack.destroy();
      expect(await admin.pairs(portId)).toEqual(before);
    });

    test('with an application credential; nothing that the engine writes holds a secret', async () => {
      const { admin, variables } = cloud();
      const { portId, before } = await node();
      const credential = await admin.createApplicationCredential('egress');
      const { OS_AUTH_URL, OS_REGION_NAME } = variables;
      const own = new TestStack({
        OS_AUTH_URL: OS_AUTH_URL!,
        OS_REGION_NAME: OS_REGION_NAME!,
        OS_AUTH_TYPE: 'v3applicationcredential',
        OS_APPLICATION_CREDENTIAL_ID: credential.id,
        OS_APPLICATION_CREDENTIAL_SECRET: credential.secret,
      });
      try {
        await own.up(billing(portId));
        expect(await admin.pairs(portId)).toEqual([...before, `${IP} ${MAC}`].sort());
        const written = own.everythingWritten();
        expect(written).toContain(portId);
        expect(written).not.toContain(credential.secret);
        await own.destroy();
        expect(await admin.pairs(portId)).toEqual(before);
      } finally {
        own.remove();
      }
    });

    test('with a password: nothing that the engine writes holds it, nor a token', async () => {
      const { admin, gate } = cloud();
      const { portId } = await node();
      const tokens = new Set<string>();
      gate.keeper = { before: ({ token }) => void tokens.add(token) };
      await stack.up(billing(portId));
      await stack.refresh(billing(portId));
      await stack.destroy();
      const written = stack.everythingWritten();
      expect(written).toContain(portId);
      expect(tokens.size).toBeGreaterThan(0);
      for (const secret of [admin.address.password, ...tokens]) expect(written).not.toContain(secret);
    });

    test.each([
      { keepAdopted: false, left: [] },
      { keepAdopted: true, left: [`${IP} ${MAC}`] },
    ])(
      'a pair that was there before, keepAdopted $keepAdopted: no write, and destroy leaves $left',
      async ({ keepAdopted, left }) => {
        const { admin, gate } = cloud();
        const { portId, before } = await node();
        const { allowed_address_pairs } = await admin.port(portId);
        await admin.setPairs(portId, [
          ...allowed_address_pairs,
          { ip_address: `${IP}/32`, mac_address: MAC.toUpperCase() },
        ]);
        await stack.up(billing(portId, { keepAdopted }));
        expect(gate.writes).toBe(0);
        await stack.destroy();
        const pairs = await admin.pairs(portId);
        expect(pairs.map((pair) => pair.replace('/32', ''))).toEqual([...before, ...left].sort());
      },
    );

    test('a port that was deleted with its server: refresh forgets the pair, and up says that it is gone', async () => {
      const { admin } = cloud();
      const { portId } = await node();
      await stack.up(billing(portId));
      await admin.deletePort(portId);
      expect((await stack.refresh(billing(portId))).changes).toMatchObject({ delete: 1 });
      await expect(stack.up(billing(portId))).rejects.toThrow(`port ${portId} does not exist for this user`);
      expect((await stack.up({})).changes).toEqual({ same: 1 });
    });

    test('a port that was deleted with its server: destroy without refresh has nothing to do', async () => {
      const { admin } = cloud();
      const { portId } = await node();
      await stack.up(billing(portId));
      await admin.deletePort(portId);
      await expect(stack.destroy()).resolves.toMatchObject({ changes: { delete: 2 } });
    });
  },
  missingPulumi,
);
