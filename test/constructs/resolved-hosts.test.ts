import { App, Chart } from 'cdk8s';
import { Deployment, type Protocol } from 'cdk8s-plus-28';
import {
  DnsResolver,
  DnsSource,
  EgressRouter,
  EgressRouterCluster,
  type EgressRouterClusterProps,
  type EgressRouterHost,
  type EgressRouterProps,
  RouterMode,
  type StandaloneRouterOptions,
} from '../../src';
import { type Manifest, OPERATOR, synth, synthErrors } from '../support/synth';

beforeEach(() => jest.spyOn(console, 'error').mockImplementation(() => {}));
afterEach(() => jest.restoreAllMocks());

const BANK: EgressRouterHost = { name: 'api.bank.example', ports: [443] };
const LICENCE: EgressRouterHost = {
  name: 'licence.vendor.example',
  ports: [27000],
  protocol: 'UDP' as Protocol,
  allowedCidrs: ['198.51.100.0/24'],
};
const NETWORKS = { podCidrs: ['10.244.0.0/16'], serviceCidrs: ['10.96.0.0/12'] };
const LAN = DnsResolver.servers(['192.168.12.53', '192.168.12.54'], { source: DnsSource.RESERVED_ADDRESS });
const DUAL = [...OPERATOR.addresses, { ip: '2001:db8:12::99/64', gateway: 'fe80::1' }];

interface Changes {
  readonly mode?: StandaloneRouterOptions;
  readonly props?: Partial<EgressRouterProps>;
  readonly cluster?: EgressRouterClusterProps;
}

/** A router that resolves its hosts, in a chart of its own. */
function routerOf(hosts: readonly object[], { mode, props, cluster: of }: Changes = {}) {
  const chart = new Chart(new App(), 'prod', { namespace: 'partners' });
  const cluster = new EgressRouterCluster('prod', { ...NETWORKS, ...of });
  const options = { image: 'registry.example.com/egress-router:1', liveRules: true, resolver: LAN, ...mode };
  const router = new EgressRouter(chart, 'partners', {
    cluster,
    mode: RouterMode.standalone(options),
    addresses: OPERATOR.addresses,
    hosts: hosts as EgressRouterHost[],
    ...props,
  });
  return { chart, router };
}

const objectsOf = (hosts: readonly object[], changes: Changes = {}): Record<string, Manifest> =>
  Object.fromEntries(
    synth(routerOf(hosts, changes).chart).map((object) => [`${object.kind}/${object.metadata.name}`, object]),
  );

const errorsOf = (hosts: readonly object[], changes: Changes = {}) => synthErrors(routerOf(hosts, changes).chart);
const podOf = (objects: Record<string, Manifest>) => objects['Deployment/partners'].spec.template.spec;

test('plugin and process get the names, the networks that they may lead to, and the servers to ask', () => {
  const objects = objectsOf([BANK, LICENCE]);
  const resolver = {
    servers: ['192.168.12.53', '192.168.12.54'],
    source: 'reserved',
    clusterCidrs: ['10.244.0.0/16', '10.96.0.0/12'],
  };
  const hosts = [
    { name: 'api.bank.example', ports: ['24854 TCP 443'] },
    {
      name: 'licence.vendor.example',
      ports: [expect.stringMatching(/^\d+ UDP 27000$/)],
      allowedCidrs: ['198.51.100.0/24'],
    },
  ];
  const definition = JSON.parse(objects['NetworkAttachmentDefinition/partners'].spec.config);
  expect(definition).toMatchObject({ formatVersion: 1, liveRules: true, ip: { destinations: [], hosts, resolver } });
  expect(JSON.parse(objects['ConfigMap/partners'].data['config.json'])).toEqual(definition);
  const [container] = podOf(objects).containers;
  const argument = container.args.find((word: string) => word.startsWith('--config={'));
  expect(JSON.parse(argument.slice('--config='.length)).ip).toMatchObject({ resolver });
  expect(container.args).toContain('--node-address=$(NODE_ADDRESS)');
  expect(container.env).toEqual([{ name: 'NODE_ADDRESS', valueFrom: { fieldRef: { fieldPath: 'status.hostIP' } } }]);
});

test('a host without addresses has a Service of the families of the router, and cluster IPs of the range', () => {
  const objects = objectsOf([BANK, { ...LICENCE, allowedCidrs: ['2001:db8::/32'] }], { props: { addresses: DUAL } });
  expect(objects['Service/partners-api-bank-example'].spec).toMatchObject({
    ipFamilyPolicy: 'PreferDualStack',
    ports: [{ port: 443, targetPort: 24854 }],
  });
  expect(objects['Service/partners-licence-vendor-example'].spec.ipFamilies).toEqual(['IPv6']);
});

test('a router of resolved hosts alone has their ports on its own Service, and admits clients to them', () => {
  const { chart, router } = routerOf([BANK]);
  const shop = new Chart(chart.node.root as App, 'shop', { namespace: 'shop' });
  const deployment = new Deployment(shop, 'shop', { containers: [{ image: 'shop:1' }] });
  router.allowFrom(deployment);
  router.addHost(LICENCE);
  const objects = synth(chart);
  const service = objects.find(({ kind, metadata }) => kind === 'Service' && metadata.name === 'partners');
  expect(service.spec).toMatchObject({ ports: [{ port: 24854 }, { protocol: 'UDP' }], ipFamilies: ['IPv4'] });
  const policy = objects.find(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === 'partners');
  expect(policy.spec.ingress[0].ports).toMatchObject([{ port: 24854 }, { protocol: 'UDP' }]);
});

test('from the reserved address, the cluster network carries no question', () => {
  expect(objectsOf([BANK])['NetworkPolicy/partners-own-egress'].spec.egress).toBeUndefined();
  expect(podOf(objectsOf([BANK])).dnsPolicy).not.toBe('Default');
});

test("from the pod's own address, the policy admits questions to the servers", () => {
  const resolver = DnsResolver.servers(['198.51.100.53', '2001:db8::53']);
  const { spec } = objectsOf([BANK], { mode: { resolver } })['NetworkPolicy/partners-own-egress'];
  const ports = [
    { port: 53, protocol: 'UDP' },
    { port: 53, protocol: 'TCP' },
  ];
  expect(spec.egress).toEqual([
    { to: [{ ipBlock: { cidr: '198.51.100.53/32' } }], ports },
    { to: [{ ipBlock: { cidr: '2001:db8::53/128' } }], ports },
  ]);
});

test("the node's servers are in the pod's resolv.conf alone, and the policy admits questions to any", () => {
  const objects = objectsOf([BANK], { mode: { resolver: DnsResolver.node({ unresolvedIsUnready: true }) } });
  expect(podOf(objects).dnsPolicy).toBe('Default');
  const { spec } = objects['NetworkPolicy/partners-own-egress'];
  expect(spec.egress.map(({ to }: Manifest) => to[0].ipBlock.cidr)).toEqual(['0.0.0.0/0', '::/0']);
  expect(JSON.parse(objects['NetworkAttachmentDefinition/partners'].spec.config).ip.resolver).toEqual({
    source: 'pod',
    clusterCidrs: ['10.244.0.0/16', '10.96.0.0/12'],
    unresolvedIsUnready: true,
  });
});

test('a cluster names the resolver of all its routers, and it counts for those with liveRules', () => {
  const mode = RouterMode.standalone({ resolver: LAN });
  const own = { resolver: undefined };
  const live = objectsOf([BANK], { mode: own, cluster: { mode } });
  expect(live['NetworkAttachmentDefinition/partners'].spec.config).toContain('"192.168.12.53"');
  const fixed = { ...BANK, addresses: ['203.0.113.26'] };
  const plain = objectsOf([fixed], { mode: { ...own, liveRules: false }, cluster: { mode } });
  expect(plain['NetworkAttachmentDefinition/partners'].spec.config).not.toContain('resolver');
  expect(podOf(plain).containers[0].env).toBeUndefined();
});

test('a first host without addresses does not restart the pod, nor do others', () => {
  const fixed = { ...BANK, addresses: ['203.0.113.26'] };
  const [before, after] = [[fixed], [BANK, LICENCE]].map((hosts) => objectsOf(hosts)['Deployment/partners'].spec);
  expect(after.template).toEqual(before.template);
});

test('what a client reaches is described by name, servers and networks', () => {
  const { router } = routerOf([BANK, LICENCE]);
  expect(router.describe()).toEqual([
    'client → api.bank.example:443/TCP → net1 192.168.12.99 (e2:65:c0:a8:0c:63) → the IPv4 addresses of api.bank.example, as 192.168.12.53 or 192.168.12.54 answer, port 443',
    'client → licence.vendor.example:27000/UDP → net1 192.168.12.99 (e2:65:c0:a8:0c:63) → the IPv4 addresses of licence.vendor.example within 198.51.100.0/24, as 192.168.12.53 or 192.168.12.54 answer, port 27000',
    'client → partners.partners.svc, any other port → refused',
  ]);
  const { router: ofNode } = routerOf([BANK], { mode: { resolver: DnsResolver.node() } });
  expect(ofNode.describe()[0]).toContain("as the node's DNS servers answer, port 443");
});

const LIVE = 'no liveRules, which puts addresses in force (root with NET_ADMIN)';
const RESOLVER = 'no resolver, which names the DNS servers';

test.each<[what: string, changes: Changes, lacking: string]>([
  [
    'everything',
    { mode: { liveRules: false, resolver: undefined }, cluster: { podCidrs: [], serviceCidrs: [] } },
    `${LIVE}, ${RESOLVER}, no podCidrs and serviceCidrs of the cluster, where no answer may lead`,
  ],
  ['liveRules', { mode: { liveRules: false } }, LIVE],
  ['resolver', { mode: { resolver: undefined } }, RESOLVER],
  ['podCidrs', { cluster: { podCidrs: [] } }, 'no podCidrs of the cluster, where no answer may lead'],
  ['serviceCidrs', { cluster: { serviceCidrs: [] } }, 'no serviceCidrs of the cluster, where no answer may lead'],
])('without %s, a host without addresses is refused', (_, changes, lacking) => {
  const accepted =
    'the addresses of the host; or RouterMode.standalone({ liveRules: true, resolver: DnsResolver.servers([…]) }) in a cluster with podCidrs and serviceCidrs';
  expect(errorsOf([BANK], changes)).toEqual([
    `[prod/partners] hosts[0].addresses: (nothing) is missing, and the router does not resolve the name: it has ${lacking}; accepted: ${accepted}`,
  ]);
});

test('in operator mode a host without addresses is refused', () => {
  const [error, ...others] = errorsOf([BANK], { props: { mode: RouterMode.operator() } });
  expect(others).toEqual([]);
  expect(error).toContain(
    "hosts[0].addresses: (nothing) is missing, and the router does not resolve the name: in operator mode nothing does, and the operator's plugin takes addresses alone",
  );
});

const servers = (...addresses: string[]) => ({ mode: { resolver: DnsResolver.servers(addresses) } });
const fromReserved = (...addresses: string[]) => ({
  mode: { resolver: DnsResolver.servers(addresses, { source: DnsSource.RESERVED_ADDRESS }) },
});

test.each<[hosts: object[], changes: Changes, text: string]>([
  [[BANK], servers(), 'mode.resolver.servers: [] is empty; accepted: a list of the IP addresses of DNS servers'],
  [[BANK], servers('dns.example'), 'mode.resolver.servers[0]: "dns.example" is not an IP address but a host name'],
  [[BANK], servers('127.0.0.53'), 'mode.resolver.servers[0]: "127.0.0.53" is a loopback address'],
  [[BANK], servers('169.254.20.10'), 'mode.resolver.servers[0]: "169.254.20.10" is a link-local address'],
  [
    [BANK],
    servers('10.96.0.10'),
    'mode.resolver.servers[0]: "10.96.0.10" is in 10.96.0.0/12, a network of the cluster, whose DNS may lead',
  ],
  [
    [BANK],
    servers('10.244.7.9'),
    'mode.resolver.servers[0]: "10.244.7.9" is in 10.244.0.0/16, a network of the cluster',
  ],
  [
    [BANK],
    fromReserved('2001:db8::53'),
    'mode.resolver.servers[0]: "2001:db8::53" is an IPv6 address, and no IPv6 address is reserved',
  ],
  [
    [BANK],
    { mode: { resolver: { servers: ['192.168.12.53'] } as unknown as DnsResolver } },
    'mode.resolver: {"servers":["192.168.12.53"]} is not a DnsResolver; accepted: DnsResolver.servers([…]) or DnsResolver.node()',
  ],
  [
    [{ ...BANK, addresses: ['203.0.113.26'], allowedCidrs: ['203.0.113.0/24'] }],
    {},
    'hosts[0].allowedCidrs: ["203.0.113.0/24"] is for a host whose addresses DNS says; accepted: nothing beside fixed addresses',
  ],
  [[{ ...BANK, allowedCidrs: ['198.51.100.7'] }], {}, 'hosts[0].allowedCidrs[0]: "198.51.100.7" has no prefix length'],
  [
    [{ ...BANK, allowedCidrs: ['10.96.7.0/24'] }],
    {},
    'hosts[0].allowedCidrs[0]: "10.96.7.0/24" is in 10.96.0.0/12, a network of the cluster',
  ],
  [
    [{ ...BANK, allowedCidrs: ['2001:db8::/32'] }],
    {},
    'hosts[0].allowedCidrs[0]: "2001:db8::/32" is an IPv6 network, and no IPv6 address is reserved',
  ],
  [
    [BANK, { ...LICENCE, protocol: 'TCP', routerPorts: [24854] }],
    {},
    'hosts[1].routerPorts[0]: 24854 has TCP port 24854 of the router, as has port 443 of api.bank.example',
  ],
])('%#: %j with %j: %s', (hosts, changes, text) => {
  const errors = errorsOf(hosts, changes);
  expect(errors).toHaveLength(1);
  expect(errors[0]).toContain(`[prod/partners] ${text}`);
});

test('a server that is the reserved address of another router is refused', () => {
  const { chart, router } = routerOf([BANK], servers('192.168.12.98'));
  new EgressRouter(chart, 'other', {
    cluster: router.cluster,
    mode: RouterMode.standalone({ image: 'registry.example.com/egress-router:1' }),
    addresses: [{ ip: '192.168.12.98/24', gateway: '192.168.12.1' }],
    redirectRules: OPERATOR.redirectRules,
  });
  expect(synthErrors(chart)).toEqual([
    '[prod/partners] mode.resolver.servers[0]: "192.168.12.98" is the reserved address of [prod/other], which answers no question; accepted: the IP address of a DNS server',
  ]);
});

test('the way past the router is closed for networks that names may lead to, and not for any', () => {
  const { chart, router } = routerOf([LICENCE]);
  const shop = new Chart(chart.node.root as App, 'shop', { namespace: 'shop' });
  const deployment = new Deployment(shop, 'shop', { containers: [{ image: 'shop:1' }] });
  router.closeBypass(shop, 'no-bypass', deployment);
  const policy = synth(shop).find(({ kind }) => kind === 'NetworkPolicy');
  expect(policy.spec.egress[1].to).toEqual([{ ipBlock: { cidr: '0.0.0.0/0', except: ['198.51.100.0/24'] } }]);
  router.addHost(BANK);
  router.addHost({ name: 'b.example', ports: [443], allowedCidrs: ['0.0.0.0/0'] });
  expect(synthErrors(shop)).toEqual([
    '[shop/no-bypass] hosts: ["api.bank.example","b.example"] may lead anywhere by DNS, which no policy can forbid to clients; accepted: addresses of each host, or allowedCidrs other than 0.0.0.0/0 and ::/0',
  ]);
});
