/**
 * Programs under Pulumi's mocks: what they ask the engine for. What engine and Neutron make of it is tested with the
 * real ones. Nova, which looks servers up by their names, is a stand-in everywhere: it needs hypervisors.
 */
import * as pulumi from '@pulumi/pulumi';
import {
  AllowedAddressPair,
  type AllowedAddressPairArgs,
  DisabledPortSecurity,
  EgressRouterPorts,
  type EgressRouterPortsArgs,
  type NodeByServer,
  type RouterIdentity,
} from '../../../cloud/openstack';
import { lookUpPort, PortOwners } from '../../../cloud/openstack/node-ports';
import { NeutronStub } from '../../support/neutron-stub';
import { type Registered, runMocked } from '../../support/pulumi-mocks';

const PORT = '7b2c1d5e-0f7a-4b8e-9d35-2f6c8a1e4b90';
const OTHER = '11111111-2222-4333-8444-555555555555';
const NETWORK = '99999999-2222-4333-8444-555555555555';
const ROUTER: RouterIdentity = {
  addresses: [{ ip: '192.168.12.99/24' }, { ip: '2001:db8:12::99/64' }],
  macAddress: 'E2-65-C0-A8-0C-63',
};
const SECRET = 'p4ss-w0rd-that-stays-secret';

const run = (args: EgressRouterPortsArgs) =>
  runMocked(() => {
    const { portIds } = new EgressRouterPorts('partner', args);
    return { portIds };
  });

const pairsOf = (resources: readonly Registered[]) =>
  resources
    .filter(({ type }) => type === 'pulumi-nodejs:dynamic/egress-router:AllowedAddressPair')
    .map(({ name, inputs: { __provider: _code, ...inputs }, options }) => ({ name, inputs, parent: options.parent }));

test('one pair for each node and address, named after both', async () => {
  const nodes = [{ portId: PORT.toUpperCase() }, { name: 'worker-1', portId: pulumi.output(OTHER) }];
  const { resources, outputs } = await run({ routers: [ROUTER], nodes, cloud: 'lab', keepAdopted: true });
  const pair = (node: string, portId: string, ipAddress: string) => ({
    name: `partner-${node}-${ipAddress}`,
    inputs: { portId, ipAddress, macAddress: 'e2:65:c0:a8:0c:63', cloud: 'lab', keepAdopted: true },
    parent: 'pulumi:pulumi:Stack$egress-router:openstack:EgressRouterPorts::partner',
  });
  const found = pairsOf(resources);
  expect(found).toHaveLength(4);
  expect(found).toEqual(
    expect.arrayContaining([
      pair(PORT, PORT, '192.168.12.99'),
      pair(PORT, PORT, '2001:db8:12::99'),
      pair('worker-1', OTHER, '192.168.12.99'),
      pair('worker-1', OTHER, '2001:db8:12::99'),
    ]),
  );
  expect(outputs).toEqual({ portIds: [PORT, OTHER] });
});

// One that is known late, as those of a component are, ends the program: with the real engine.
describe('one pair, two resources', () => {
  const MAC = 'e2:65:c0:a8:0c:63';
  const pair = (name: string, args: Partial<AllowedAddressPairArgs> = {}) =>
    new AllowedAddressPair(name, { portId: PORT, ipAddress: '192.168.12.99', macAddress: MAC, ...args });

  test('any spelling: rejected with both names', async () => {
    const program = () => {
      pair('one');
      pair('two', { portId: PORT.toUpperCase(), ipAddress: '192.168.12.99/32', macAddress: MAC.toUpperCase() });
    };
    await expect(runMocked(program)).rejects.toThrow(
      `[AllowedAddressPair "two"] portId: "${PORT}" is the port of AllowedAddressPair "one" too, with the same pair ` +
        `(192.168.12.99, ${MAC}); accepted: each pair once in a stack`,
    );
  });

  test('two stacks of one process may have the same pair', async () => {
    for (const _stack of ['one', 'two']) expect((await runMocked(() => void pair('one'))).resources).toHaveLength(1);
  });

  test('another address or MAC address is another pair', async () => {
    const program = () => {
      pair('one');
      pair('two', { ipAddress: '192.168.12.98' });
      pair('three', { macAddress: 'e2:65:c0:a8:0c:64' });
      pair('four', { portId: OTHER });
    };
    expect((await runMocked(program)).resources).toHaveLength(4);
  });
});

test('a node that is given a name is known by its port as well, so that nothing is renamed', async () => {
  const nodes = [{ portId: PORT, name: 'worker-0' }, { portId: OTHER }];
  const { resources } = await run({ routers: [ROUTER], nodes });
  const pairs = resources.filter(({ name }) => name.startsWith('partner-'));
  expect(Object.fromEntries(pairs.map(({ name, options }) => [name, options.aliases]))).toEqual({
    'partner-worker-0-192.168.12.99': [`partner-${PORT}-192.168.12.99`],
    'partner-worker-0-2001:db8:12::99': [`partner-${PORT}-2001:db8:12::99`],
    [`partner-${OTHER}-192.168.12.99`]: [],
    [`partner-${OTHER}-2001:db8:12::99`]: [],
  });
});

describe('disablePortSecurity', () => {
  const unfiltered = (resources: readonly Registered[]) =>
    resources
      .filter(({ type }) => type === 'pulumi-nodejs:dynamic/egress-router:DisabledPortSecurity')
      .map(({ name, inputs: { __provider: _code, ...inputs }, options }) => ({
        name,
        inputs,
        aliases: options.aliases,
      }));

  test('no pairs: one resource for each node, which may take the pairs of the routers off', async () => {
    const nodes = [{ portId: PORT }, { name: 'worker-1', portId: OTHER }];
    const { resources } = await run({ routers: [ROUTER], nodes, cloud: 'lab', disablePortSecurity: true });
    expect(pairsOf(resources)).toEqual([]);
    const routerPairs = ['192.168.12.99', '2001:db8:12::99'].map((ipAddress) => ({
      ipAddress,
      macAddress: 'e2:65:c0:a8:0c:63',
    }));
    expect(unfiltered(resources)).toEqual([
      { name: `partner-${PORT}`, inputs: { portId: PORT, cloud: 'lab', routerPairs }, aliases: [] },
      {
        name: 'partner-worker-1',
        inputs: { portId: OTHER, cloud: 'lab', routerPairs },
        aliases: [`partner-${OTHER}`],
      },
    ]);
  });

  test('more routers than a port may have pairs', async () => {
    const routers = Array.from({ length: 20 }, (_, index) => ({
      addresses: [{ ip: `192.168.12.${index + 1}` }],
      mode: 'standalone' as const,
    }));
    const { resources } = await run({ routers, nodes: [{ portId: PORT }], disablePortSecurity: true });
    expect(unfiltered(resources)).toHaveLength(1);
  });

  test('two resources for one port: rejected with both names', async () => {
    const program = () => {
      new DisabledPortSecurity('one', { portId: PORT });
      new DisabledPortSecurity('two', { portId: PORT.toUpperCase() });
    };
    await expect(runMocked(program)).rejects.toThrow(
      `[DisabledPortSecurity "two"] portId: "${PORT}" is the port of DisabledPortSecurity "one" too; accepted: each port ` +
        'once in a stack',
    );
  });
});

test('a reservation: a port of its own for each router, without the MAC address', async () => {
  const reservation = { networkId: NETWORK, subnetIds: { ipv4: PORT, ipv6: OTHER } };
  const { resources } = await run({ routers: [ROUTER], nodes: [{ portId: PORT }], reservation });
  const ports = resources.filter(({ type }) => type === 'openstack:networking/port:Port');
  expect(ports).toMatchObject([
    {
      name: 'partner-192.168.12.99',
      inputs: {
        networkId: NETWORK,
        name: 'egress-router-192.168.12.99',
        fixedIps: [
          { ipAddress: '192.168.12.99', subnetId: PORT },
          { ipAddress: '2001:db8:12::99', subnetId: OTHER },
        ],
        noSecurityGroups: true,
      },
    },
  ]);
  expect(ports[0]!.inputs).not.toHaveProperty('macAddress');
  expect(ports[0]!.inputs).not.toHaveProperty('allowedAddressPairs');
});

test('the provider in the state only loads the code: short, the same everywhere, and without a secret', async () => {
  process.env.OS_PASSWORD = SECRET;
  const { resources } = await run({ routers: [ROUTER], nodes: [{ portId: PORT }] });
  delete process.env.OS_PASSWORD;
  const providers = new Set(resources.flatMap(({ inputs }) => (inputs.__provider as string | undefined) ?? []));
  expect(providers.size).toBe(1);
  const [code] = [...providers];
  expect(code!.length).toBeLessThan(6000);
  expect(code).toContain('pulumi-egress-router/openstack/pair-operations');
  expect(JSON.stringify(resources)).not.toContain(SECRET);
  expect(JSON.stringify(resources)).not.toContain(process.cwd());
});

describe('nodes that are looked up', () => {
  let stub: NeutronStub;
  const before = { ...process.env };

  beforeEach(async () => {
    stub = await NeutronStub.start();
    for (const name of Object.keys(process.env).filter((key) => key.startsWith('OS_'))) delete process.env[name];
    const variables = { OS_AUTH_URL: stub.url, OS_USERNAME: 'u', OS_PASSWORD: SECRET, OS_PROJECT_NAME: 'p' };
    Object.assign(process.env, variables);
    stub.servers = [
      { id: 'server-0', name: 'worker-0' },
      { id: 'server-00', name: 'worker-00' },
    ];
    stub.ports = [{ id: PORT, network_id: NETWORK, device_id: 'server-0' }];
  });

  afterEach(async () => {
    process.env = { ...before };
    await stub.stop();
  });

  const failure = async (node: object) => {
    const planned = { path: 'nodes[0]', name: 'node', lookUp: node as NodeByServer };
    return lookUpPort(planned, 'EgressRouterPorts "partner"', {}).then(() => 'nothing failed', String);
  };

  test('by the name of the server, whole', async () => {
    const { outputs } = await run({ routers: [ROUTER], nodes: [{ server: 'worker-0' }] });
    expect(outputs).toEqual({ portIds: [PORT] });
    const asked = stub.requests.find(({ path }) => path.startsWith('/servers'))!;
    expect(new URLSearchParams(asked.path.split('?')[1]).get('name')).toBe('^worker-0$');
  });

  test('by an address, on one of several networks', async () => {
    stub.ports.push({ id: OTHER, network_id: OTHER });
    const { outputs } = await run({ routers: [ROUTER], nodes: [{ ip: '192.168.12.11', networkId: NETWORK }] });
    expect(outputs).toEqual({ portIds: [PORT] });
    const { path } = stub.requests.find((request) => request.path.startsWith('/ports?'))!;
    expect(new URLSearchParams(path.split('?')[1]).get('fixed_ips')).toBe('ip_address=192.168.12.11');
  });

  test.each([
    ['no such server', { server: 'worker-9' }, 'nodes[0].server: "worker-9" is not a server that this user can see'],
    [
      'a server without a port',
      { server: 'worker-00' },
      'nodes[0].server: "worker-00" has no port that this user can see',
    ],
    ['two servers of one name', { server: 'twin' }, 'nodes[0].server: "twin" is the name of 2 servers (a, b)'],
    [
      'several ports',
      { ip: '192.168.12.11' },
      `is the address of 2 ports (${PORT} on network ${NETWORK}, ${OTHER} on network ${OTHER})`,
    ],
  ])('%s', async (_what, node, expected) => {
    stub.servers.push({ id: 'a', name: 'twin' }, { id: 'b', name: 'twin' });
    stub.ports.push({ id: OTHER, network_id: OTHER });
    expect(await failure(node)).toContain(expected);
  });

  test('two nodes that turn out to be one', () => {
    const claims = new PortOwners('EgressRouterPorts "partner"');
    expect(claims.record(PORT, 'nodes[0]')).toBe(PORT);
    expect(() => claims.record(PORT, 'nodes[1]')).toThrow(`nodes[1]: "${PORT}" is on the same port as nodes[0]`);
  });

  test('credentials that are wrong are named before any request', async () => {
    delete process.env.OS_PASSWORD;
    expect(await failure({ server: 'worker-0' })).toContain('OS_PASSWORD: (nothing) is missing');
    expect(stub.requests).toEqual([]);
  });
});
