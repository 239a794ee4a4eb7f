import { Pods, Protocol } from 'cdk8s-plus-28';
import * as fc from 'fast-check';
import { EgressRouter, EgressRouterCluster, type EgressRouterHost, type EgressRouterProps } from '../../src';
import { errorsOf, type Manifest, newChart, OPERATOR, standalone, synth, synthErrors } from '../support/synth';

// Many rules are warned about, which is another test's business.
beforeEach(() => jest.spyOn(console, 'error').mockImplementation(() => {}));
afterEach(() => jest.restoreAllMocks());

const BANK: EgressRouterHost = { name: 'api.bank.example', ports: [443], addresses: ['203.0.113.26'] };
const ADDRESSES = OPERATOR.addresses;
const DUAL = [...ADDRESSES, { ip: '2001:db8:12::99/64', gateway: 'fe80::1' }];

/** A standalone router with hosts and without rules. */
const withHosts = (hosts: readonly object[], changes: Partial<EgressRouterProps> = {}): EgressRouterProps =>
  standalone({ redirectRules: undefined, hosts: hosts as EgressRouterHost[], ...changes });

/** Objects by `Kind/name`. */
function objectsOf(props: EgressRouterProps, id = 'partners'): Record<string, Manifest> {
  const chart = newChart('egress');
  new EgressRouter(chart, id, props);
  return Object.fromEntries(synth(chart).map((object) => [`${object.kind}/${object.metadata.name}`, object]));
}

const configOf = (objects: Record<string, Manifest>) =>
  JSON.parse(objects['NetworkAttachmentDefinition/partners'].spec.config);

test('a host has a Service on its real ports, which leads to ports of the router', () => {
  const hosts = [
    BANK,
    { name: 'ns.bank.example', ports: [53, 853], protocol: Protocol.UDP, addresses: ['203.0.113.53'] },
  ];
  const metadata = { labels: { team: 'a' } };
  const objects = objectsOf(
    withHosts(hosts, { ...standalone(), hosts: hosts as EgressRouterHost[], metadata, argoCdSyncWave: 3 }),
  );
  const bank = objects['Service/partners-api-bank-example'];
  expect(bank.metadata).toMatchObject({
    namespace: 'egress',
    labels: { team: 'a', 'app.kubernetes.io/instance': 'partners' },
    annotations: { 'argocd.argoproj.io/sync-wave': '3' },
  });
  expect(bank.spec).toEqual({
    type: 'ClusterIP',
    selector: objects['Service/partners'].spec.selector,
    ports: [{ name: 'tcp-443', port: 443, protocol: 'TCP', targetPort: 24854 }],
    ipFamilyPolicy: 'SingleStack',
    ipFamilies: ['IPv4'],
  });
  expect(objects['Service/partners-ns-bank-example'].spec.ports).toMatchObject([
    { name: 'udp-53', port: 53, protocol: 'UDP' },
    { name: 'udp-853', port: 853, protocol: 'UDP' },
  ]);
  expect(objects['Service/partners'].spec.ports).toEqual([{ name: 'tcp-8443', port: 8443, protocol: 'TCP' }]);
});

test('the plugin gets the hosts with their names, beside the rules', () => {
  const { ip } = configOf(objectsOf(standalone({ hosts: [BANK] })));
  expect(ip).toMatchObject({
    destinations: ['8443 TCP 203.0.113.26 443'],
    hosts: [{ name: 'api.bank.example', ports: ['24854 TCP 443'], addresses: ['203.0.113.26'] }],
  });
});

test('a router with hosts alone has the ports that stand for theirs on its own Service', () => {
  const objects = objectsOf(withHosts([BANK]));
  expect(objects['Service/partners'].spec).toMatchObject({
    ports: [{ name: 'tcp-24854', port: 24854, protocol: 'TCP' }],
    ipFamilies: ['IPv4'],
  });
});

test('a host of both families has a Service of both, with the cluster IPs that it is given', () => {
  const addresses = ['203.0.113.26', '2001:db8:113::26'];
  const host = { ...BANK, addresses, clusterIps: ['172.30.0.16', 'fd00:30::10'] };
  const objects = objectsOf(withHosts([host], { addresses: DUAL }));
  const { spec } = objects['Service/partners-api-bank-example'];
  expect(spec).toMatchObject({
    clusterIP: '172.30.0.16',
    clusterIPs: ['172.30.0.16', 'fd00:30::10'],
    ipFamilyPolicy: 'PreferDualStack',
  });
  expect(spec).not.toHaveProperty('ipFamilies');
});

test('in operator mode hosts are rules of the custom resource, and Services on the same pod', () => {
  const objects = objectsOf({ addresses: ADDRESSES, hosts: [BANK] });
  expect(objects['EgressRouter/partners'].spec.redirect.redirectRules).toEqual([
    { port: 24854, protocol: 'TCP', destinationIP: '203.0.113.26', targetPort: 443 },
  ]);
  const { spec } = objects['Service/partners-api-bank-example'];
  expect(spec.selector).toEqual({ app: 'egress-router-cni' });
  expect(spec.ports).toMatchObject([{ port: 443, targetPort: 24854 }]);
});

test('a name is taken as DNS compares names: without regard to case, a dot at its end, and in Unicode', () => {
  const objects = objectsOf(
    withHosts([
      { ...BANK, name: 'API.Bank.Example.' },
      { ...BANK, name: 'bücher.example' },
    ]),
  );
  expect(configOf(objects).ip.hosts.map(({ name }: { name: string }) => name)).toEqual([
    'api.bank.example',
    'xn--bcher-kva.example',
  ]);
  expect(objects).toHaveProperty('Service/partners-api-bank-example');
});

test('a host can be added later, and be found by its name in any spelling', () => {
  const chart = newChart();
  const router = new EgressRouter(chart, 'partners', standalone());
  expect(router.hostService('api.bank.example')).toBeUndefined();
  router.addHost({ ...BANK, serviceName: 'bank', routerPorts: [20443] });
  expect(router.hostService('API.bank.example.')?.name).toBe('bank');
  expect(router.hosts).toHaveLength(1);
  const services = synth(chart).filter(({ kind }) => kind === 'Service');
  expect(services.map(({ metadata }) => metadata.name)).toEqual(['partners', 'bank']);
  expect(services[1].spec.ports).toMatchObject([{ port: 443, targetPort: 20443 }]);
});

test('what happens to packets is said by the name that clients use', () => {
  const router = new EgressRouter(newChart(), 'partners', withHosts([BANK]));
  expect(router.describe()).toEqual([
    'client → api.bank.example:443/TCP → net1 192.168.12.99 (e2:65:c0:a8:0c:63) → gateway 192.168.12.1 → 203.0.113.26:443',
    'client → partners.egress.svc, any other port → refused',
  ]);
});

test('peers of allowFrom and clients are admitted to the ports of hosts', () => {
  const chart = newChart();
  const router = new EgressRouter(chart, 'partners', { ...standalone({ hosts: [BANK] }), allowFrom: [] });
  router.addHost({ ...BANK, name: 'db.partner.example', ports: [5432] });
  router.allowFrom(Pods.select(chart, 'Clients', { labels: { app: 'client' } }));
  const policy = synth(chart).find(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === 'partners');
  expect(policy.spec.ingress.map(({ ports }: Manifest) => ports.map(({ port }: Manifest) => port))).toEqual([
    [8443, 24854, 15991],
  ]);
});

const ISSUES: readonly (readonly [object[], string])[] = [
  [
    [{ ...BANK, name: '*.bank.example' }],
    'hosts[0].name: "*.bank.example" has a wildcard, and a Service stands for one name: write each name that clients use',
  ],
  [[{ ...BANK, name: 'bank.partners.svc' }], 'hosts[0].name: "bank.partners.svc" is a name of the cluster'],
  [
    [{ ...BANK, name: '203.0.113.26' }],
    'hosts[0].name: "203.0.113.26" is an address, not a name: use a redirect rule for it',
  ],
  [
    [BANK, { ...BANK, name: 'api.bank.example.' }],
    'hosts[1].name: "api.bank.example." is the name of hosts[0].name already; accepted: each host once, with all its ports',
  ],
  [[{ ...BANK, ports: [] }], 'hosts[0].ports: [] is empty'],
  [[{ ...BANK, ports: [443, 443] }], 'hosts[0].ports[1]: 443 is hosts[0].ports[0] already; accepted: each port once'],
  [
    [{ ...BANK, ports: [0] }],
    'hosts[0].ports[0]: 0 is out of range; accepted: a port number, an integer from 1 to 65535',
  ],
  [[{ ...BANK, port: 443 }], 'hosts[0].port: 443 is an unknown key (did you mean "ports"?)'],
  [[{ ...BANK, protocol: 'tcp' }], 'hosts[0].protocol: "tcp" is not known (did you mean "TCP"?)'],
  [
    [{ ...BANK, addresses: undefined }],
    'hosts[0].addresses: (nothing) is missing, and the router does not resolve the name: it has no liveRules',
  ],
  [
    [{ ...BANK, addresses: ['2001:db8::1'] }],
    'hosts[0].addresses[0]: "2001:db8::1" leads to 2001:db8::1, and no IPv6 address is reserved',
  ],
  [
    [{ ...BANK, routerPorts: [] }],
    'hosts[0].routerPorts: [] has 0 for 1 of the host; accepted: a list with a port of the router for each of ports',
  ],
  [
    [{ ...BANK, routerPorts: [9180] }],
    'hosts[0].routerPorts[0]: 9180 has TCP port 9180 of the router, as has the health port, where the router answers probes; accepted: routerPorts: [29181] for this host',
  ],
  [
    [BANK, { ...BANK, name: 'b.example', routerPorts: [24854] }],
    'hosts[1].routerPorts[0]: 24854 has TCP port 24854 of the router, as has port 443 of api.bank.example; accepted: routerPorts: [24855] for this host',
  ],
  [
    [{ ...BANK, serviceName: 'db' }],
    `hosts[0].serviceName: "db" makes Service/db, which is the router's own; accepted: a serviceName that no other Service of the namespace has`,
  ],
  [
    [
      { ...BANK, serviceName: 'x' },
      { ...BANK, name: 'b.example', serviceName: 'x' },
    ],
    'hosts[1].serviceName: "x" makes Service/x, which hosts[0].serviceName makes too',
  ],
  [[{ ...BANK, serviceName: 'X' }], 'hosts[0].serviceName: "X" is not such a name; accepted: a DNS-1035 label'],
  [[{ ...BANK, clusterIps: ['None'] }], 'hosts[0].clusterIps[0]: "None" makes the Service headless'],
  [
    [{ ...BANK, clusterIps: ['fd00::1'] }],
    'hosts[0].clusterIps[0]: "fd00::1" is an IPv6 address, and the host has none; accepted: a cluster IP of a family of addresses',
  ],
  [
    [{ ...BANK, clusterIps: ['172.30.0.1', '172.30.0.2'] }],
    'hosts[0].clusterIps[1]: "172.30.0.2" is a second IPv4 address beside hosts[0].clusterIps[0]',
  ],
  [
    [
      { ...BANK, clusterIps: ['172.30.0.1'] },
      { ...BANK, name: 'b.example', clusterIps: ['172.30.0.1'] },
    ],
    'hosts[1].clusterIps[0]: "172.30.0.1" is hosts[0].clusterIps[0] already; accepted: a cluster IP that no other Service has',
  ],
  [['api.bank.example' as unknown as object], 'hosts[0]: "api.bank.example" is not an object'],
];

test.each(ISSUES)('hosts %j: %s', (hosts, text) => {
  const errors = errorsOf(withHosts(hosts));
  expect(errors).toHaveLength(1);
  expect(errors[0]).toContain(`[prod/db] ${text}`);
});

test("a host does not get the cluster IP of the router's own Service", () => {
  const hosts = [{ ...BANK, clusterIps: ['172.30.0.9'] }];
  expect(errorsOf(withHosts(hosts, { service: { clusterIp: '172.30.0.9' } }))).toEqual([
    '[prod/db] hosts[0].clusterIps[0]: "172.30.0.9" is service.clusterIp already; accepted: a cluster IP that no other Service has',
  ]);
});

test('hosts that are not a list are refused', () => {
  expect(errorsOf(standalone({ hosts: {} as never }))).toEqual([
    expect.stringContaining('hosts: {} is not a list; accepted: a list of { name, ports, addresses }'),
  ]);
});

test('a port that is taken is refused with the override to paste, whatever has it', () => {
  const rule = { port: 24854, protocol: Protocol.TCP, destinationIp: '203.0.113.26' };
  const [error] = errorsOf(withHosts([{ ...BANK, ports: [22, 443] }], { redirectRules: [rule] }));
  const found =
    /hosts\[0\]\.ports\[1\]: 443 has TCP port 24854 of the router, as has redirectRules\[0\]; accepted: routerPorts: \[(\d+), (\d+)\]/.exec(
      error!,
    );
  const routerPorts = found!.slice(1).map(Number);
  expect(errorsOf(withHosts([{ ...BANK, ports: [22, 443], routerPorts }], { redirectRules: [rule] }))).toEqual([]);
});

test('two routers of a namespace do not make one Service', () => {
  const chart = newChart();
  new EgressRouter(chart, 'a-b', withHosts([{ ...BANK, name: 'c.d' }]));
  const addresses = [{ ip: '192.168.12.98/24', gateway: '192.168.12.1' }];
  new EgressRouter(chart, 'a', withHosts([{ ...BANK, name: 'b.c.d' }], { addresses }));
  expect(synthErrors(chart)).toEqual([
    expect.stringMatching(
      /^\[prod\/a\] metadata.name: "a" makes Service\/a-b-c-d, which \[prod\/a-b\] makes too; accepted: /,
    ),
  ]);
});

test('a host in the network of the pods is refused, by its own path', () => {
  const cluster = new EgressRouterCluster('prod', { podCidrs: ['203.0.113.0/24'] });
  expect(errorsOf(withHosts([BANK], { cluster }))).toEqual([
    expect.stringContaining(
      'hosts[0].addresses[0]: "203.0.113.26" is in 203.0.113.0/24, the network of the cluster\'s pods',
    ),
  ]);
});

test('adding, removing and reordering hosts changes what belongs to them, and nothing else', () => {
  const names = Array.from({ length: 12 }, (_, index) => `host-${index}.partner.example`);
  const host = (name: string) => ({ ...BANK, name, ports: [443, 8443] });
  const parts = (some: readonly string[]) => {
    const objects = objectsOf(standalone({ hosts: some.map(host) }));
    const { hosts, ...ip } = configOf(objects).ip;
    const services = Object.entries(objects).filter(([key]) => key.startsWith('Service/partners-'));
    const others = Object.entries(objects).filter(([key]) => /^(Service\/partners$|NetworkPolicy)/.test(key));
    return { ofHosts: [...hosts, ...services], ip, others };
  };
  const all = parts(names);
  fc.assert(
    fc.property(fc.shuffledSubarray(names, { minLength: 1 }), (some) => {
      const { ofHosts, ip, others } = parts(some);
      for (const one of ofHosts) expect(all.ofHosts).toContainEqual(one);
      expect(ofHosts).toHaveLength(some.length * 2);
      expect({ ip, others }).toEqual({ ip: all.ip, others: all.others });
    }),
    { numRuns: 12 },
  );
});

test('more hosts than the arguments of the process can hold are refused where rules are counted, and live rules have them', () => {
  const hosts = Array.from({ length: 1700 }, (_, index) => ({
    ...BANK,
    name: `host-${index}.a-rather-long-name-of-a-partner.example`,
    routerPorts: [10_000 + index],
  }));
  const props = (options: object) => standalone({ hosts, redirectRules: undefined, ruleMetrics: true, ...options });
  expect(errorsOf(props({}))).toEqual([
    expect.stringMatching(
      /\] hosts: 1700 hosts make an argument of \d{6} bytes with ruleMetrics, and Linux takes 131071; accepted: fewer hosts or ports, no ruleMetrics, or liveRules/,
    ),
  ]);
  expect(errorsOf(props({ liveRules: true }))).toEqual([]);
});
