import * as pulumi from '@pulumi/pulumi';
import { App, Chart } from 'cdk8s';
import { Protocol } from 'cdk8s-plus-28';
import {
  AllowedAddressPair,
  allowedAddressPairs,
  ConfigError,
  DisabledPortSecurity,
  EgressRouterPorts,
  type RouterIdentity,
} from '../../../cloud/openstack';
import { check } from '../../../cloud/openstack/pair-operations';
import { check as checkPort } from '../../../cloud/openstack/port-security-operations';
import { EgressRouter, type EgressRouterProps, Link, RouterMode } from '../../../src';

const PORT = '7b2c1d5e-0f7a-4b8e-9d35-2f6c8a1e4b90';
const ROUTER: RouterIdentity = { addresses: [{ ip: '192.168.12.99/24' }], macAddress: 'e2:65:c0:a8:0c:63' };
const PAIR = { portId: PORT, ipAddress: '192.168.12.99', macAddress: 'e2:65:c0:a8:0c:63' };
const PORTS = { routers: [ROUTER], nodes: [{ portId: PORT }] };

/** Every issue of what `run` throws. A request would fail otherwise: there are no credentials and no engine. */
function issuesOf(run: () => unknown) {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigError)
      return error.issues.map(({ path, value, problem, accepted }) => ({ path, value, problem, accepted }));
    throw error;
  }
  return [];
}

const routers = (...all: unknown[]) => ({ ...PORTS, routers: all });
const nodes = (...all: unknown[]) => ({ ...PORTS, nodes: all });
const reservation = (value: unknown) => ({ ...PORTS, reservation: value });

const manyRouters = Array.from({ length: 11 }, (_, index) => ({
  addresses: [{ ip: `192.168.12.${index + 1}` }],
  mode: 'standalone',
}));

type Mistake<Args> = [args: Args, path: string, value: unknown, problem: string, accepted: string];

/** With a title of its own: that of the arguments would be long. */
const titled = <Args>(mistakes: readonly Mistake<Args>[]) =>
  mistakes.map((mistake): [string, ...Mistake<Args>] => [`${mistake[1]} ${mistake[3]}`, ...mistake]);

const PORTS_MISTAKES: Mistake<unknown>[] = [
  [routers(), 'routers', [], 'is empty', '{ addresses, macAddress }'],
  [{ nodes: PORTS.nodes }, 'routers', undefined, 'is missing', 'EgressRouter'],
  [routers('192.168.12.99'), 'routers[0]', '192.168.12.99', 'is not an object', '{ addresses, macAddress }'],
  [routers({ ...ROUTER, addresses: [] }), 'routers[0].addresses', [], 'is empty', '{ ip }'],
  [
    routers({ ...ROUTER, addresses: [{ ip: '192.168.12.300/24' }] }),
    'routers[0].addresses[0].ip',
    '192.168.12.300/24',
    'is not an IP address',
    'prefix length',
  ],
  [
    routers({ ...ROUTER, addresses: [{ ip: '192.168.12.0/24' }] }),
    'routers[0].addresses[0].ip',
    '192.168.12.0/24',
    'is the network address',
    'host address',
  ],
  [
    routers({ ...ROUTER, addresses: [{ ip: '192.168.12.99/240' }] }),
    'routers[0].addresses[0].ip',
    '192.168.12.99/240',
    'prefix length over 32',
    'prefix length',
  ],
  [
    routers({ ...ROUTER, addresses: [{ ip: '224.0.0.1' }] }),
    'routers[0].addresses[0].ip',
    '224.0.0.1',
    'is a multicast address',
    'host address',
  ],
  [
    routers({ ...ROUTER, addresses: [{ ip: '192.168.12.99/24' }, { ip: '192.168.12.98' }] }),
    'routers[0].addresses[1].ip',
    '192.168.12.98',
    'is a second IPv4 address beside routers[0].addresses[0].ip',
    'at most one address of each family',
  ],
  [
    routers({ ...ROUTER, macAddress: '02:00:5e' }),
    'routers[0].macAddress',
    '02:00:5e',
    'is not a MAC address',
    'unicast MAC address',
  ],
  [
    routers({ ...ROUTER, macAddress: '01:00:5e:00:00:01' }),
    'routers[0].macAddress',
    '01:00:5e:00:00:01',
    'is a multicast address',
    'unicast MAC address',
  ],
  [routers({ addresses: ROUTER.addresses }), 'routers[0].macAddress', undefined, 'is missing', 'mode "standalone"'],
  [
    routers({ ...ROUTER, mode: 'operator' }),
    'routers[0].mode',
    'operator',
    'has no constant MAC address',
    'standalone',
  ],
  [routers({ ...ROUTER, mode: 'manual' }), 'routers[0].mode', 'manual', 'is not known', 'standalone'],
  [
    routers(ROUTER, ROUTER),
    'routers[1].addresses[0].ip',
    '192.168.12.99/24',
    'is also routers[0].addresses[0].ip',
    'no other router',
  ],
  [
    routers(ROUTER, { ...ROUTER, addresses: [{ ip: '192.168.12.98' }] }),
    'routers[1].addresses[0].ip',
    '192.168.12.98',
    'has the MAC address e2:65:c0:a8:0c:63',
    'no other router',
  ],
  [routers(...manyRouters), 'routers', 11, 'exceed the limit of one port', 'at most 10'],
  [{ ...PORTS, pairLimit: 0 }, 'pairLimit', 0, 'is out of range', 'from 1'],
  [{ ...PORTS, pairLimit: Number.NaN }, 'pairLimit', Number.NaN, 'is not an integer', 'from 1'],
  [nodes(), 'nodes', [], 'is empty', '{ portId }, { server } or { ip }'],
  [{ routers: [ROUTER] }, 'nodes', undefined, 'is missing', '{ server }'],
  [nodes({}), 'nodes[0]', {}, 'does not identify a node', '{ ip }'],
  [nodes('worker-0'), 'nodes[0]', 'worker-0', 'is not an object', '{ portId }, { server } or { ip }'],
  [
    nodes({ portId: PORT, ip: '10.0.0.1' }),
    'nodes[0]',
    { portId: PORT, ip: '10.0.0.1' },
    'says portId and ip',
    '{ portId }',
  ],
  [nodes({ portId: 'worker-0' }), 'nodes[0].portId', 'worker-0', 'is not a UUID', 'a UUID such as'],
  [nodes({ portId: `${PORT}0` }), 'nodes[0].portId', `${PORT}0`, 'is not a UUID', 'a UUID such as'],
  [nodes({ portId: pulumi.output(PORT) }), 'nodes[0].name', undefined, 'is missing', 'a name for the node'],
  [
    nodes({ portId: PORT }, { portId: PORT.toUpperCase() }),
    'nodes[1]',
    { portId: PORT.toUpperCase() },
    'is the same node as nodes[0]',
    'each node once',
  ],
  [
    nodes({ portId: PORT, name: 'a' }, { portId: PORT.toUpperCase(), name: 'b' }),
    'nodes[1].portId',
    PORT.toUpperCase(),
    'is the port of nodes[0] too',
    'each port once',
  ],
  [nodes({ server: 7 }), 'nodes[0].server', 7, 'is not a string', 'the name of a server'],
  [nodes({ ip: '10.0.0.1/24' }), 'nodes[0].ip', '10.0.0.1/24', 'carries a prefix length', 'an IP address of the node'],
  [nodes({ ip: '10.0.0.1', networkId: 'net' }), 'nodes[0].networkId', 'net', 'is not a UUID', 'the id of a network'],
  [nodes({ server: 'w', network: PORT }), 'nodes[0].network', PORT, 'did you mean "networkId"?', 'server, networkId'],
  [
    reservation({ networkId: PORT }),
    'reservation.subnetIds.ipv4',
    undefined,
    'is missing',
    'the id of the IPv4 subnet',
  ],
  [
    reservation({ networkId: 'net', subnetIds: { ipv4: PORT } }),
    'reservation.networkId',
    'net',
    'is not a UUID',
    'the id of a network',
  ],
  [{ ...PORTS, keepAdopted: 'yes' }, 'keepAdopted', 'yes', 'is not a boolean', 'true or false'],
  [{ ...PORTS, disablePortSecurity: 'yes' }, 'disablePortSecurity', 'yes', 'is not a boolean', 'true or false'],
  [
    { ...PORTS, disablePortSecurity: true, pairLimit: 20 },
    'pairLimit',
    20,
    'disablePortSecurity replaces',
    'no pairLimit',
  ],
  [
    { ...PORTS, disablePortSecurity: true, keepAdopted: true },
    'keepAdopted',
    true,
    'disablePortSecurity replaces',
    'no keepAdopted',
  ],
  [{ ...PORTS, cloud: 3 }, 'cloud', 3, 'is not a string', 'clouds.yaml'],
  [{ ...PORTS, clouds: 'lab' }, 'clouds', 'lab', 'did you mean "cloud"?', 'routers, nodes'],
];

test.each(titled(PORTS_MISTAKES))('EgressRouterPorts: %s', (_title, args, path, value, problem, accepted) => {
  const issues = issuesOf(() => new EgressRouterPorts('egress', args as never));
  expect(issues).toEqual([
    { path, value, problem: expect.stringContaining(problem), accepted: expect.stringContaining(accepted) },
  ]);
});

const PAIR_MISTAKES: Mistake<object>[] = [
  [{ portId: 'worker-0' }, 'portId', 'worker-0', 'is not a UUID', 'the id of a port'],
  [{ portId: undefined }, 'portId', undefined, 'is missing', 'the id of a port'],
  [{ ipAddress: '192.168.12' }, 'ipAddress', '192.168.12', 'is not an IP address', 'CIDR notation'],
  [{ ipAddress: '192.168.12.99/24' }, 'ipAddress', '192.168.12.99/24', 'the whole subnet', 'CIDR notation'],
  [{ ipAddress: '0.0.0.0/0' }, 'ipAddress', '0.0.0.0/0', 'is every address there is', 'CIDR notation'],
  [{ macAddress: 'aa:bb' }, 'macAddress', 'aa:bb', 'is not a MAC address', 'unicast MAC address'],
  [{ macAddress: undefined }, 'macAddress', undefined, 'is missing', 'unicast MAC address'],
  [{ keepAdopted: 1 }, 'keepAdopted', 1, 'is not a boolean', 'true or false'],
  [{ allowUnguardedWrite: 'true' }, 'allowUnguardedWrite', 'true', 'is not a boolean', 'true or false'],
];

test.each(titled(PAIR_MISTAKES))(
  'AllowedAddressPair, by the program: %s',
  (_title, args, path, value, problem, accepted) => {
    const issues = issuesOf(() => new AllowedAddressPair('pair', { ...PAIR, ...args }));
    expect(issues).toEqual([
      { path, value, problem: expect.stringContaining(problem), accepted: expect.stringContaining(accepted) },
    ]);
  },
);

test.each(titled(PAIR_MISTAKES))(
  'AllowedAddressPair, by the provider when the value came late: %s',
  (_title, args, path, _value, problem, accepted) => {
    const { failures } = check({ ...PAIR, ...args });
    expect(failures).toEqual([{ property: path, reason: expect.stringContaining(problem) }]);
    expect(failures![0]!.reason).toContain(accepted);
  },
);

const SECURITY_MISTAKES: Mistake<object>[] = [
  [{ portId: 'worker-0' }, 'portId', 'worker-0', 'is not a UUID', 'the id of a port'],
  [{ portId: undefined }, 'portId', undefined, 'is missing', 'the id of a port'],
  [{ routerPairs: '192.168.12.99' }, 'routerPairs', '192.168.12.99', 'is not a list', '{ ipAddress, macAddress }'],
  [
    { routerPairs: [{ ipAddress: '192.168.12.99', macAddress: 'x' }] },
    'routerPairs[0].macAddress',
    'x',
    'is not a MAC address',
    'unicast MAC address',
  ],
  [{ allowUnguardedWrite: 1 }, 'allowUnguardedWrite', 1, 'is not a boolean', 'true or false'],
];

test.each(titled(SECURITY_MISTAKES))(
  'DisabledPortSecurity, by the program and by the provider: %s',
  (_title, args, path, value, problem, accepted) => {
    const issues = issuesOf(() => new DisabledPortSecurity('port', { portId: PORT, ...args }));
    expect(issues).toEqual([
      { path, value, problem: expect.stringContaining(problem), accepted: expect.stringContaining(accepted) },
    ]);
    const { failures } = checkPort({ portId: PORT, ...args });
    expect(failures).toEqual([{ property: path, reason: expect.stringContaining(problem) }]);
  },
);

test('every mistake of one call is named, under the name of the resource', () => {
  const run = () =>
    new EgressRouterPorts('egress', { routers: [{ ...ROUTER, macAddress: 'x' }], nodes: [{ portId: 'y' }] });
  expect(run).toThrow(
    /\[EgressRouterPorts "egress"\] routers\[0\]\.macAddress: "x" .*\n\[EgressRouterPorts "egress"\] nodes\[0\]\.portId: "y"/,
  );
});

test('more pairs than the limit, on a port that the stack owns', () => {
  const all = manyRouters as RouterIdentity[];
  expect(issuesOf(() => allowedAddressPairs(all))).toMatchObject([{ path: 'routers', value: 11 }]);
  expect(allowedAddressPairs(all, 20)).toHaveLength(11);
});

test.each([Number.NaN, 0, 1.5, '20'])('an invalid limit, on a port that the stack owns: %p', (limit) => {
  expect(issuesOf(() => allowedAddressPairs([ROUTER], limit as number))).toEqual([
    {
      path: 'pairLimit',
      value: limit,
      problem: expect.any(String),
      accepted: expect.stringContaining('from 1 to 1000'),
    },
  ]);
});

test('an import: the pair that is there is adopted without', () => {
  const options = { import: `${PORT}/192.168.12.99` };
  expect(issuesOf(() => new AllowedAddressPair('pair', PAIR, options))).toEqual([
    {
      path: 'import',
      value: options.import,
      problem: 'is not an option of dynamic resources',
      accepted: 'no `import`: an existing pair is adopted',
    },
  ]);
});

describe('the constructs’ own routers', () => {
  const chart = () => new Chart(new App(), 'chart');
  const props: EgressRouterProps = {
    metadata: { name: 'partner' },
    addresses: [{ ip: '192.168.12.99/24', gateway: '192.168.12.1' }],
    redirectRules: [{ port: 443, protocol: Protocol.TCP, destinationIp: '203.0.113.26' }],
  };

  test('their addresses and MAC address are those of the construct', () => {
    const router = new EgressRouter(chart(), 'router', {
      ...props,
      mode: RouterMode.standalone({ image: 'registry.example.org/egress-router:1' }),
    });
    expect(allowedAddressPairs([router])).toEqual([{ ipAddress: '192.168.12.99', macAddress: router.macAddress }]);
  });

  test('the declaration alone gives the same', () => {
    for (const mode of ['standalone' as const, RouterMode.standalone()]) {
      expect(allowedAddressPairs([{ ...props, mode }])).toEqual([
        { ipAddress: '192.168.12.99', macAddress: 'e2:65:c0:a8:0c:63' },
      ]);
    }
  });

  test('the declaration gives the MAC address of its link', () => {
    const mode = RouterMode.standalone({ link: Link.macvlan({ macAddress: '02:00:5E:10:00:63' }) });
    expect(allowedAddressPairs([{ ...props, mode }])).toEqual([
      { ipAddress: '192.168.12.99', macAddress: '02:00:5e:10:00:63' },
    ]);
  });

  test('a router in operator mode is refused, because its MAC address changes', () => {
    const router = new EgressRouter(chart(), 'router', props);
    expect(issuesOf(() => allowedAddressPairs([router]))).toMatchObject([
      { path: 'routers[0].mode', value: 'operator' },
    ]);
  });
});
