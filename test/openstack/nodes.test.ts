import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { parseIpAddress } from '../../src/domain/values/ip-address';
import { deriveMacAddress } from '../../src/domain/values/mac-address';
import type { Program } from './pulumi/run';
import { missingPulumi, TestStack } from './pulumi/stack';
import { describeWithOpenStack } from './server/describe-with-openstack';
import { NovaStub } from './server/nova-stub';

const INSTALLERS = [{ ip_address: '10.20.0.5' }, { ip_address: '10.20.0.7' }];
const ROUTERS = [
  { addresses: [{ ip: '192.168.12.99/24' }, { ip: '2001:db8:12::99/64' }], macAddress: '02:00:5E:10:00:63' },
  { addresses: [{ ip: '192.168.12.100' }], mode: 'standalone' as const },
];
const WANTED = [
  '192.168.12.99 02:00:5e:10:00:63',
  '2001:db8:12::99 02:00:5e:10:00:63',
  `192.168.12.100 ${macOf('192.168.12.100')}`,
];

describeWithOpenStack(
  'nodes of EgressRouterPorts',
  (cloud) => {
    const servers = [
      { id: randomUUID(), name: 'worker-1' },
      { id: randomUUID(), name: 'worker-10' },
    ];
    let nova: NovaStub;
    let stack: TestStack;

    beforeAll(async () => {
      nova = await NovaStub.start(servers);
      await cloud().admin.addToCatalog('compute', cloud().variables.OS_REGION_NAME!, nova.url);
    });

    afterAll(() => nova.stop());

    beforeEach(() => {
      stack = new TestStack(cloud().variables);
    });

    afterEach(() => stack.remove());

    const ports = (wishes: readonly object[]) =>
      Promise.all(wishes.map((wish) => cloud().admin.createPort(cloud().networkId, { pairs: INSTALLERS, ...wish })));

    const pairsOf = (nodes: readonly { id: string }[]) => Promise.all(nodes.map(({ id }) => cloud().admin.pairs(id)));

    test('by port id, server name and address: every pair on every node', async () => {
      const { gate } = cloud();
      const nodes = await ports([{}, { deviceId: servers[0]!.id }, { ip: '10.20.7.21' }]);
      const before = await pairsOf(nodes);
      const [byPort] = nodes;
      const program: Program = {
        ports: {
          partner: { routers: ROUTERS, nodes: [{ portId: byPort!.id }, { server: 'worker-1' }, { ip: '10.20.7.21' }] },
        },
      };
      const { outputs, changes } = await stack.up(program);
      expect(outputs).toEqual({ partner: nodes.map(({ id }) => id) });
      expect(changes).toEqual({ create: 1 + 1 + 3 * WANTED.length });
      expect(await pairsOf(nodes)).toEqual(before.map((pairs) => [...pairs, ...WANTED].sort()));

      gate.reset();
      expect((await stack.up(program)).changes).toEqual({ same: 2 + 3 * WANTED.length });
      expect(gate.writes).toBe(0);

      await stack.destroy();
      expect(await pairsOf(nodes)).toEqual(before);
    });

    test('a server that was replaced has another port: its pairs follow, the old port is not an error', async () => {
      const { admin } = cloud();
      const [old] = await ports([{ deviceId: servers[1]!.id }]);
      const program: Program = { ports: { partner: { routers: ROUTERS, nodes: [{ server: 'worker-10' }] } } };
      await stack.up(program);
      await admin.deletePort(old!.id);
      const [fresh] = await ports([{ deviceId: servers[1]!.id }]);
      const before = await admin.pairs(fresh!.id);
      expect((await stack.up(program)).changes).toMatchObject({ replace: WANTED.length });
      expect(await admin.pairs(fresh!.id)).toEqual([...before, ...WANTED].sort());
      await stack.destroy();
      expect(await admin.pairs(fresh!.id)).toEqual(before);
    });

    test.each([
      [{ server: 'worker-2' }, 'nodes[0].server: "worker-2" is not a server that this user can see'],
      [{ ip: '10.20.9.9' }, 'nodes[0].ip: "10.20.9.9" is the address of no port that this user can see'],
    ])('%j leads to no port: nothing is written', async (node, sentence) => {
      const program: Program = { ports: { partner: { routers: ROUTERS, nodes: [node] } } };
      await expect(stack.up(program)).rejects.toThrow(sentence);
      expect(cloud().gate.writes).toBe(0);
    });

    test.each([
      ['pulumi-openstack', {}],
      ['pulumi-values', { routers: [{ addresses: [{ ip: '192.168.12.99/24' }], macAddress: '02:00:5e:10:00:63' }] }],
    ])('examples/%s', async (example, values) => {
      const nodes = await ports([{}, {}]);
      const before = await pairsOf(nodes);
      const config = { ...values, nodes: nodes.map(({ id }) => ({ portId: id })) };
      const program: Program = {
        module: join(process.cwd(), 'examples', example, 'program.ts'),
        config: Object.fromEntries(Object.entries(config).map(([key, value]) => [key, JSON.stringify(value)])),
      };
      await stack.up(program);
      for (const [index, pairs] of (await pairsOf(nodes)).entries()) {
        expect(pairs).toEqual(expect.arrayContaining(before[index]!));
        expect(pairs.filter((pair) => pair.startsWith('192.168.12.99 '))).toHaveLength(1);
      }
      await stack.destroy();
      expect(await pairsOf(nodes)).toEqual(before);
    });
  },
  missingPulumi,
);

function macOf(ip: string): string {
  const address = parseIpAddress(ip);
  if (typeof address === 'string') throw new Error(address);
  return deriveMacAddress([address]);
}
