import { App, Chart } from 'cdk8s';
import { CoreDnsNames, type CoreDnsNamesProps, EgressRouter, type EgressRouterHost } from '../../src';
import { standalone, synth, synthErrors } from '../support/synth';

const host = (name: string): EgressRouterHost => ({ name, ports: [443], addresses: ['203.0.113.26'] });
const BANK = 'rewrite name exact api.bank.example partners-api-bank-example.egress.svc.cluster.local answer auto';

beforeEach(() => jest.spyOn(console, 'error').mockImplementation(() => {}));
afterEach(() => jest.restoreAllMocks());

function setUp(namespace: string | undefined = 'egress') {
  const app = new App();
  const chart = new Chart(app, 'prod', { namespace });
  const dns = new Chart(app, 'dns');
  const router = new EgressRouter(chart, 'partners', standalone({ hosts: [host('API.bank.example.')] }));
  const addresses = [{ ip: '192.168.12.98/24', gateway: '192.168.12.1' }];
  const other = (name: string) => new EgressRouter(chart, 'other', standalone({ addresses, hosts: [host(name)] }));
  return { chart, dns, router, other };
}

test('the ConfigMap leads every host to its Service, also one that is added later', () => {
  const { dns, router, other } = setUp();
  new CoreDnsNames(dns, 'names', { routers: [router, other('db.partner.example')] });
  router.addHost({ ...host('b\u00fccher.example'), serviceName: 'books' });
  const [configMap] = synth(dns);
  expect(configMap.metadata).toEqual({ name: 'coredns-custom', namespace: 'kube-system' });
  expect(configMap.data['egress-router.override'].split('\n')).toEqual([
    BANK,
    'rewrite name exact xn--bcher-kva.example books.egress.svc.cluster.local answer auto',
    'rewrite name exact db.partner.example other-db-partner-example.egress.svc.cluster.local answer auto',
    '',
  ]);
});

test('metadata and domain can be set', () => {
  const { dns, router } = setUp();
  new CoreDnsNames(dns, 'names', { routers: [router], clusterDomain: 'prod.example', metadata: { name: 'mine' } });
  const [configMap] = synth(dns);
  expect(configMap.metadata).toEqual({ name: 'mine', namespace: 'kube-system' });
  expect(configMap.data['egress-router.override']).toBe(`${BANK.replace('cluster.local', 'prod.example')}\n`);
});

test('a Corefile of your own gets the lines as text', () => {
  const { router } = setUp();
  expect(CoreDnsNames.corefileLines([router])).toEqual([BANK]);
  expect(CoreDnsNames.corefileLines([])).toEqual([]);
  expect(() => CoreDnsNames.corefileLines([router], 'Prod')).toThrow(
    '[corefileLines] clusterDomain: "Prod" is not such a name',
  );
});

test.each<readonly [string, (parts: ReturnType<typeof setUp>) => object, string]>([
  ['no list', () => ({}), 'routers: (nothing) is missing; accepted: a list of EgressRouter constructs'],
  [
    'what is not a router',
    () => ({ routers: ['partners'] }),
    'routers[0]: "partners" is not a router; accepted: a list of EgressRouter constructs',
  ],
  ['an unknown option', ({ router }) => ({ routers: [router], domain: 'x' }), 'domain: "x" is an unknown key'],
  [
    'a domain that is not a DNS name',
    ({ router }) => ({ routers: [router], clusterDomain: 'a_b' }),
    'clusterDomain: "a_b" is not such a name',
  ],
  [
    "a name below the cluster's domain",
    ({ router, other }) => ({ routers: [router, other('api.svc.k8s.test')], clusterDomain: 'k8s.test' }),
    'routers[1]: "prod/other" has the host api.svc.k8s.test, a name of the cluster, whose domain is k8s.test; accepted: a host outside of it',
  ],
  [
    'one name of two routers',
    ({ router, other }) => ({ routers: [router, other('api.bank.example')] }),
    'routers[1]: "prod/other" has the host api.bank.example, which [prod/partners] has too; accepted: one router for a name in a cluster',
  ],
])('%s is refused', (_what, props, text) => {
  const parts = setUp();
  new CoreDnsNames(parts.dns, 'names', props(parts) as CoreDnsNamesProps);
  const errors = synthErrors(parts.dns);
  expect(errors).toHaveLength(1);
  expect(errors[0]).toContain(`[dns/names] ${text}`);
});

test('a router without a namespace is refused', () => {
  const chart = new Chart(new App(), 'prod');
  const router = new EgressRouter(chart, 'partners', standalone({ hosts: [host('api.bank.example')] }));
  expect(() => CoreDnsNames.corefileLines([router])).toThrow(
    'routers[0]: "prod/partners" has no namespace, which is a part of the names of its Services',
  );
});
