import { App, Chart } from 'cdk8s';
import { Deployment, Pod, Pods } from 'cdk8s-plus-28';
import { EgressRouter, type EgressRouterHost } from '../../src';
import { MOST_HOST_ALIASES } from '../../src/constructs/hosts/host-admissions';
import { type Manifest, standalone, synth, synthErrors } from '../support/synth';

const host = (name: string, last: number): EgressRouterHost => ({
  name,
  ports: [443],
  addresses: ['203.0.113.26'],
  clusterIps: [`172.30.0.${last}`],
});
const BANK = host('api.bank.example', 16);
const DB = { ...host('db.partner.example', 17), ports: [5432] };
const ALIASES = [
  { hostnames: ['api.bank.example'], ip: '172.30.0.16' },
  { hostnames: ['db.partner.example'], ip: '172.30.0.17' },
];

function setUp(hosts: readonly EgressRouterHost[] = [BANK, DB]) {
  const app = new App();
  const chart = new Chart(app, 'prod', { namespace: 'egress' });
  const clients = new Chart(app, 'shop', { namespace: 'shop' });
  const router = new EgressRouter(chart, 'partners', standalone({ hosts: [...hosts] }));
  const workload = (id: string) => new Deployment(clients, id, { containers: [{ image: 'x' }], select: true });
  return { chart, clients, router, workload };
}

const podSpec = (chart: Chart, name: RegExp): Manifest =>
  synth(chart).find(({ kind, metadata }) => kind === 'Deployment' && name.test(metadata.name)).spec.template.spec;

const ingress = (chart: Chart) =>
  synth(chart)
    .find(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === 'partners')
    .spec.ingress.map(({ ports }: Manifest) => ports.map(({ port }: Manifest) => port));

test('an admitted workload resolves the hosts to their Services, and the policy admits its namespace', () => {
  const { chart, clients, router, workload } = setUp();
  router.admit(workload('shop'));
  expect(podSpec(clients, /shop/).hostAliases).toEqual(ALIASES);
  expect(router.hostAliases).toEqual(ALIASES.map(({ ip, hostnames }) => ({ ip, hostnames })));
  const policy = synth(chart).find(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === 'partners');
  expect(policy.spec.ingress).toHaveLength(1);
  expect(policy.spec.ingress[0].from[0]).toMatchObject({
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'shop' } },
  });
  expect(ingress(chart)).toEqual([[8443, 24854, 15991]]);
});

test('a pod can be admitted as well', () => {
  const { clients, router } = setUp();
  router.admit(new Pod(clients, 'job', { containers: [{ image: 'x' }] }));
  expect(synth(clients).find(({ kind }) => kind === 'Pod').spec.hostAliases).toEqual(ALIASES);
});

test('a host that is added later changes the workloads admitted to all hosts or to it, and no other', () => {
  const { chart, clients, router, workload } = setUp([BANK]);
  router.admit(workload('all'));
  router.admit(workload('bank'), { hosts: ['API.bank.example'] });
  router.admit(workload('db'), { hosts: ['db.partner.example.'] });
  router.addHost(DB);
  expect(podSpec(clients, /all/).hostAliases).toEqual(ALIASES);
  expect(podSpec(clients, /bank/).hostAliases).toEqual(ALIASES.slice(0, 1));
  expect(podSpec(clients, /db/).hostAliases).toEqual(ALIASES.slice(1));
  expect(ingress(chart)).toEqual([[8443, 24854, 15991], [24854], [15991]]);
});

test('a host of both families has a line for each', () => {
  const { clients, router, workload } = setUp([]);
  const addresses = ['203.0.113.26', '2001:db8:113::26'];
  const dual = new EgressRouter(clients, 'dual', {
    ...standalone(),
    addresses: [
      { ip: '192.168.12.98/24', gateway: '192.168.12.1' },
      { ip: '2001:db8:12::98/64', gateway: 'fe80::1' },
    ],
    hosts: [{ ...BANK, addresses, clusterIps: ['172.30.0.16', 'fd00:30::10'] }],
  });
  dual.admit(workload('shop'));
  expect(router.hostAliases).toEqual([]);
  expect(podSpec(clients, /shop/).hostAliases).toEqual([
    { hostnames: ['api.bank.example'], ip: '172.30.0.16' },
    { hostnames: ['api.bank.example'], ip: 'fd00:30::10' },
  ]);
});

test('admitting a workload twice says no line twice', () => {
  const { clients, router, workload } = setUp();
  const shop = workload('shop');
  router.admit(shop, { hosts: ['api.bank.example'] });
  router.admit(shop);
  expect(podSpec(clients, /shop/).hostAliases).toEqual(ALIASES);
});

test.each<readonly [string, (parts: ReturnType<typeof setUp>) => void, string]>([
  [
    'a host that the router does not have',
    ({ router, workload }) => router.admit(workload('a'), { hosts: ['x.example'] }),
    '[prod/partners] admit.hosts: "x.example" is not a host; accepted: a host of the router: api.bank.example, db.partner.example',
  ],
  [
    'no list',
    ({ router, workload }) => router.admit(workload('a'), { hosts: [] }),
    '[prod/partners] admit.hosts: [] is empty',
  ],
  [
    'an unknown option',
    ({ router, workload }) => router.admit(workload('a'), { host: [] } as never),
    '[prod/partners] admit.host: [] is an unknown key (did you mean "hosts"?)',
  ],
  [
    'what is not a workload',
    ({ clients, router }) => router.admit(Pods.select(clients, 'p', { labels: { a: 'b' } }) as never),
    '[prod/partners] admit: "shop/p" is not a workload; accepted: a Deployment',
  ],
  [
    'a host without a cluster IP',
    ({ router, workload }) => {
      router.addHost({ ...BANK, name: 'c.example', clusterIps: undefined, routerPorts: [20001] });
      router.admit(workload('a'));
    },
    '[prod/partners] admit.hosts: "c.example" has no cluster IP, and a host alias needs one; accepted: clusterIps of the host, or serviceIps of the cluster',
  ],
  [
    'a name that the workload has an alias for',
    ({ router, workload }) => {
      const own = workload('a');
      own.addHostAlias({ ip: '10.0.0.1', hostnames: ['api.bank.example'] });
      router.admit(own);
    },
    '[prod/partners] admit.hosts: "api.bank.example" has a host alias in [shop/a] already',
  ],
  [
    'a host of two routers',
    ({ chart, router, workload }) => {
      const addresses = [{ ip: '192.168.12.98/24', gateway: '192.168.12.1' }];
      const second = new EgressRouter(
        chart,
        'second',
        standalone({ addresses, hosts: [host('api.bank.example', 18)] }),
      );
      const own = workload('a');
      router.admit(own);
      second.admit(own);
    },
    '[prod/second] admit.hosts: "api.bank.example" is a host of [prod/partners] too, to which [shop/a] is admitted; accepted: one router for a name in a pod',
  ],
])('%s is refused', (_name, act, text) => {
  const parts = setUp();
  act(parts);
  const errors = synthErrors(parts.chart);
  expect(errors).toHaveLength(1);
  expect(errors[0]).toContain(text);
});

test('more host aliases than a pod should have are refused, with the way out', () => {
  const { chart, router, workload } = setUp();
  const own = workload('a');
  for (let index = 0; index < MOST_HOST_ALIASES - 1; index++)
    own.addHostAlias({ ip: '10.0.0.1', hostnames: [`h${index}`] });
  router.admit(own);
  expect(synthErrors(chart)).toEqual([
    `[prod/partners] admit: "shop/a" has 501 host aliases, and a look-up reads them from the start; accepted: at most 500: admit(workload, { hosts }) with those that it uses`,
  ]);
});

test('a policy beside the clients closes the way round the router, and leaves everything else', () => {
  const { clients, router, workload } = setUp();
  const shop = workload('shop');
  router.closeBypass(clients, 'NoBypass', shop);
  router.addHost({ ...host('c.example', 20), addresses: ['203.0.113.99'] });
  const { metadata, spec } = synth(clients).find(({ kind }) => kind === 'NetworkPolicy');
  expect(metadata).toMatchObject({ name: 'partners-no-bypass' });
  expect(spec.policyTypes).toEqual(['Egress']);
  expect(spec.egress).toEqual([
    { to: [{ podSelector: {}, namespaceSelector: {} }] },
    { to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['203.0.113.26/32', '203.0.113.99/32'] } }] },
    { to: [{ ipBlock: { cidr: '::/0' } }] },
  ]);
  expect(() => router.closeBypass(new Chart(new App(), 'x', { namespace: 'x' }), 'NoBypass', shop)).toThrow(
    'clients: "shop/shop" is not in namespace "x" alone, where the policy is',
  );
});
