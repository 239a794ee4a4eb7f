import {
  EgressRouter,
  EgressRouterCluster,
  EgressRouterNetwork,
  type EgressRouterNetworkProps,
  type EgressRouterProps,
  Link,
  RouterMode,
} from '../../src';
import { errorsOf, newChart, OPERATOR, only, operator, standalone, synth, synthRouter } from '../support/synth';

const CLUSTER = new EgressRouterCluster('prod', { mode: RouterMode.standalone({ image: 'router:1' }) });
const SUBNETS = [
  { cidr: '192.168.12.0/24', gateway: '192.168.12.1' },
  { cidr: '2001:db8:12::/64', gateway: 'fe80::1' },
];

function lan(props: Partial<EgressRouterNetworkProps> = {}, cluster = CLUSTER): EgressRouterNetwork {
  return new EgressRouterNetwork(cluster, { subnets: SUBNETS, ...props });
}

function on(network: EgressRouterNetwork, ...ips: string[]): EgressRouterProps {
  return { network, addresses: ips.map((ip) => ({ ip })), redirectRules: OPERATOR.redirectRules };
}

function interfaceArgs(props: EgressRouterProps): object {
  return JSON.parse(only(synthRouter(props), 'NetworkAttachmentDefinition').spec.config).interfaceArgs;
}

let printed: jest.SpyInstance;
beforeEach(() => {
  printed = jest.spyOn(console, 'error').mockImplementation(() => {});
});
afterEach(() => printed.mockRestore());

test('an address is completed from its subnet, in each family', () => {
  const chart = newChart();
  const router = new EgressRouter(chart, 'db', on(lan(), '192.168.12.99', '2001:DB8:12::99'));
  expect(router.addresses).toEqual([
    { ip: '192.168.12.99/24', gateway: '192.168.12.1' },
    { ip: '2001:db8:12::99/64', gateway: 'fe80::1' },
  ]);
  expect(router.cluster).toBe(CLUSTER);
  expect(JSON.parse(only(synth(chart), 'NetworkAttachmentDefinition').spec.config).ip).toMatchObject({
    addresses: ['192.168.12.99/24', '2001:db8:12::99/64'],
    gateways: ['192.168.12.1', 'fe80::1'],
  });
});

test("an address' own prefix length and gateway stay", () => {
  const addresses = [{ ip: '192.168.12.99/24', gateway: '192.168.12.2' }];
  const router = new EgressRouter(newChart(), 'db', { ...on(lan()), addresses });
  expect(router.addresses).toEqual(addresses);
});

test('without a gateway of the network, only the subnet is reachable', () => {
  const network = lan({ subnets: [{ cidr: '192.168.12.0/24' }] });
  expect(errorsOf(on(network, '192.168.12.99'))).toEqual([
    expect.stringContaining('redirectRules[0].destinationIp: "203.0.113.26" leads to 203.0.113.26, outside the subnet'),
  ]);
});

test.each([
  ['an address outside the subnets', '192.168.13.99', "is outside the subnets of the router's network"],
  ['the same with a prefix', '192.168.13.99/24', "is outside the subnets of the router's network"],
  ['a prefix length outside the subnets', '192.168.13.99/25', "is outside the subnets of the router's network"],
  ['another prefix length', '192.168.12.99/25', "has another prefix length than the router's network, 192.168.12.0/24"],
])('%s is the one issue', (_what, ip, problem) => {
  const accepted = "an address in 192.168.12.0/24 or 2001:db8:12::/64, the router's network";
  expect(errorsOf(on(lan(), ip))).toEqual([`[prod/db] addresses[0].ip: "${ip}" ${problem}; accepted: ${accepted}`]);
});

test('a malformed prefix length is the one issue', () => {
  expect(errorsOf(on(lan(), '192.168.12.99/'))).toEqual([
    expect.stringContaining('[prod/db] addresses[0].ip: "192.168.12.99/" has '),
  ]);
});

test('an IPv6 address on a network without IPv6 is the one issue', () => {
  const redirectRules = [{ ...OPERATOR.redirectRules![0]!, destinationIp: '2001:db8::26' }];
  const network = lan({ subnets: [SUBNETS[0]!] });
  expect(errorsOf({ ...on(network, '2001:db8:12::99'), redirectRules })).toEqual([
    expect.stringContaining('addresses[0].ip: "2001:db8:12::99" is outside the subnets'),
  ]);
});

test("net1 is on the network's interface, unless the router's own link names one", () => {
  const network = lan({ parentInterface: 'bond0.120' });
  const router = on(network, '192.168.12.99');
  expect(interfaceArgs(router)).toEqual({ mode: 'bridge', master: 'bond0.120' });
  const withLink = (link: Link) => interfaceArgs({ ...router, mode: RouterMode.standalone({ link }) });
  expect(withLink(Link.macvlan({ mtu: 1400 }))).toEqual({ mode: 'bridge', master: 'bond0.120', mtu: '1400' });
  expect(withLink(Link.macvlan({ parentInterface: 'eth1' }))).toEqual({ mode: 'bridge', master: 'eth1' });
});

test("the network's interface is nearer to the router than its cluster's", () => {
  const link = Link.macvlan({ parentInterface: 'eth1', mtu: 1400 });
  const cluster = new EgressRouterCluster('prod', { mode: RouterMode.standalone({ image: 'x', link }) });
  const [named, unnamed] = [lan({ parentInterface: 'bond0.120' }, cluster), lan({}, cluster)];
  expect(interfaceArgs(on(named, '192.168.12.99'))).toEqual({ mode: 'bridge', master: 'bond0.120', mtu: '1400' });
  expect(interfaceArgs(on(unnamed, '192.168.12.99'))).toEqual({ mode: 'bridge', master: 'eth1', mtu: '1400' });
});

test('in operator mode the interface is in the resource, with the warning that it is not passed on', () => {
  const chart = newChart();
  const network = lan({ parentInterface: 'bond0.120' }, new EgressRouterCluster('okd'));
  const router = new EgressRouter(chart, 'db', on(network, '192.168.12.99'));
  expect(only(synth(chart), 'EgressRouter').spec).toMatchObject({
    networkInterface: { macvlan: { mode: 'Bridge', master: 'bond0.120' } },
    addresses: [{ ip: '192.168.12.99/24', gateway: '192.168.12.1' }],
  });
  expect(router.warnings).toEqual([
    expect.stringContaining('the parent interface and the mode of macvlan: the operator does not pass them on'),
  ]);
  const own = operator({ ...on(network, '192.168.12.99'), networkInterface: { macvlan: { master: 'eth1' } } });
  expect(only(synthRouter(own), 'EgressRouter').spec.networkInterface.macvlan.master).toBe('eth1');
});

test('the network says the cluster: another beside it is refused, the same is not', () => {
  const cluster = new EgressRouterCluster('test');
  const router = standalone({ ...on(lan(), '192.168.12.99') });
  expect(errorsOf({ ...router, cluster })).toEqual([
    '[prod/db] cluster: "test" is not the cluster of the router\'s network, which is "prod"; accepted: nothing: the network says the cluster',
  ]);
  expect(errorsOf({ ...router, cluster: CLUSTER })).toEqual([]);
  expect(errorsOf({ ...router, cluster: 'prod' })).toEqual([
    expect.stringContaining('[prod/db] cluster: "prod" is not a cluster; accepted: '),
  ]);
});

test('wrong props of a network are refused at once, all of them', () => {
  const subnets = [
    { cidr: '192.168.12.9/24' },
    { cidr: '2001:db8::', gatway: 'x' },
    { cidr: '10.0.0.0/8', gateway: 'y' },
  ];
  const props = { subnets, parentInterface: 'a/b', cidr: 1 };
  const refused = [
    'cluster: "prod" is not a cluster',
    'cidr: 1 is an unknown key',
    'subnets[0].cidr: "192.168.12.9/24" is an address within its subnet, whose own address is 192.168.12.0',
    'subnets[1].gatway: "x" is an unknown key (did you mean "gateway"?)',
    'subnets[1].cidr: "2001:db8::" has no prefix length',
    'subnets[2].gateway: "y" is not an IP address',
    'parentInterface: "a/b" is not an interface name',
  ];
  let lines: string[] = [];
  try {
    new EgressRouterNetwork('prod' as never, props);
  } catch (error) {
    lines = (error as Error).message.split('\n');
  }
  expect(lines.map((line) => line.split('; accepted: ')[0])).toEqual(
    refused.map((text) => `[EgressRouterNetwork] ${text}`),
  );
});

test.each([
  [{ subnets: [] }, 'subnets: [] is empty'],
  [{ subnets: '192.168.12.0/24' }, 'subnets: "192.168.12.0/24" is not a list'],
  [{}, 'subnets: (nothing) is missing'],
  [undefined, 'EgressRouterNetwork'],
  [
    { subnets: [{ cidr: '192.168.12.0/24' }, { cidr: '192.168.13.0/24' }] },
    'subnets[1].cidr: "192.168.13.0/24" is a second IPv4',
  ],
])('%j in the place of a network is refused', (props, message) => {
  expect(() => new EgressRouterNetwork(CLUSTER, props as EgressRouterNetworkProps)).toThrow(message);
});

test('a network of another copy of the library is one too', () => {
  jest.isolateModules(() => {
    const copy = require('../../src') as typeof import('../../src');
    const cluster = new copy.EgressRouterCluster('prod', { mode: copy.RouterMode.standalone({ image: 'x' }) });
    const network = new copy.EgressRouterNetwork(cluster, { subnets: SUBNETS });
    expect(network).not.toBeInstanceOf(EgressRouterNetwork);
    expect(errorsOf(on(network, '192.168.12.99'))).toEqual([]);
  });
});
