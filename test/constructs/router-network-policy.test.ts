import * as kplus from 'cdk8s-plus-28';
import { EgressRouter } from '../../src';
import { clientPolicy, newChart, OPERATOR, STANDALONE, standalone, synth } from '../support/synth';

let printed: jest.SpyInstance;
beforeEach(() => {
  printed = jest.spyOn(console, 'error').mockImplementation(() => {});
});
afterEach(() => printed.mockRestore());

const SELECTOR = { matchLabels: { 'app.kubernetes.io/name': 'egress-router', 'app.kubernetes.io/instance': 'db' } };

test('admits every kind of peer to the ports of the rules', () => {
  const chart = newChart();
  new EgressRouter(chart, 'db', {
    ...STANDALONE,
    allowFrom: [
      kplus.Pods.select(chart, 'Clients', { labels: { app: 'billing' } }),
      kplus.Namespaces.select(chart, 'Teams', { labels: { team: 'a' } }),
      kplus.NetworkPolicyIpBlock.ipv4(chart, 'Office', '10.1.0.0/16'),
    ],
  });
  const policy = clientPolicy(synth(chart));
  const ports = [{ port: 8443, protocol: 'TCP' }];
  expect(policy.metadata).toMatchObject({ name: 'db', namespace: 'egress' });
  expect(policy.spec).toEqual({
    podSelector: SELECTOR,
    policyTypes: ['Ingress'],
    ingress: [
      { from: [{ podSelector: { matchLabels: { app: 'billing' } } }], ports },
      { from: [{ namespaceSelector: { matchLabels: { team: 'a' } }, podSelector: {} }], ports },
      { from: [{ ipBlock: { cidr: '10.1.0.0/16' } }], ports },
    ],
  });
});

/** Every port but the health port. */
const FALLBACK_PORTS = [
  { port: 1, endPort: 9179, protocol: 'TCP' },
  { port: 9181, endPort: 65535, protocol: 'TCP' },
  { protocol: 'UDP' },
  { protocol: 'SCTP' },
];

test('admits to every port but the health port when there is a fallback', () => {
  const chart = newChart();
  const clients = kplus.Pods.select(chart, 'Clients', { labels: { app: 'billing' } });
  const office = kplus.NetworkPolicyIpBlock.ipv4(chart, 'Office', '10.1.0.0/16');
  const router = new EgressRouter(chart, 'db', {
    ...STANDALONE,
    fallbackIp: '203.0.113.27',
    allowFrom: [clients, office],
  });
  const scraper = kplus.Pods.select(chart, 'Scraper', { labels: { app: 'scraper' } });
  router.networkPolicy?.addIngressRule(scraper, [kplus.NetworkPolicyPort.tcp(9180)]);
  expect(clientPolicy(synth(chart)).spec.ingress).toEqual([
    { from: [{ podSelector: { matchLabels: { app: 'billing' } } }], ports: FALLBACK_PORTS },
    { from: [{ ipBlock: { cidr: '10.1.0.0/16' } }], ports: FALLBACK_PORTS },
    { from: [{ podSelector: { matchLabels: { app: 'scraper' } } }], ports: [{ port: 9180, protocol: 'TCP' }] },
  ]);
});

test('admits to no port above a health port of 65535', () => {
  const chart = newChart();
  const clients = kplus.Pods.select(chart, 'Clients', { labels: { app: 'billing' } });
  new EgressRouter(chart, 'db', standalone({ healthPort: 65535, fallbackIp: '203.0.113.27', allowFrom: [clients] }));
  const ports = [{ port: 1, endPort: 65534, protocol: 'TCP' }, { protocol: 'UDP' }, { protocol: 'SCTP' }];
  expect(clientPolicy(synth(chart)).spec.ingress).toEqual([expect.objectContaining({ ports })]);
});

test('in operator mode a fallback, which nothing reads, admits to no port', () => {
  const chart = newChart();
  const clients = kplus.Pods.select(chart, 'Clients', { labels: { app: 'billing' } });
  new EgressRouter(chart, 'db', { ...OPERATOR, fallbackIp: '203.0.113.27', allowFrom: [clients] });
  const ports = [{ port: 8443, protocol: 'TCP' }];
  expect(clientPolicy(synth(chart)).spec.ingress).toEqual([expect.objectContaining({ ports })]);
});

test('admits to a rule that was added later', () => {
  const chart = newChart();
  const clients = kplus.Pods.select(chart, 'Clients', { labels: { app: 'billing' } });
  const router = new EgressRouter(chart, 'db', { ...STANDALONE, allowFrom: [clients] });
  router.addRedirectRule({ port: 53, protocol: kplus.Protocol.UDP, destinationIp: '203.0.113.53' });
  const { ingress } = clientPolicy(synth(chart)).spec;
  const ports = [
    { port: 8443, protocol: 'TCP' },
    { port: 53, protocol: 'UDP' },
  ];
  expect(ingress).toEqual([{ from: [{ podSelector: { matchLabels: { app: 'billing' } } }], ports }]);
  synth(chart);
  expect(clientPolicy(synth(chart)).spec.ingress).toEqual(ingress);
});

test('an empty list admits no client, which is a warning', () => {
  const chart = newChart();
  new EgressRouter(chart, 'db', { ...STANDALONE, allowFrom: [] });
  expect(clientPolicy(synth(chart)).spec).toEqual({ podSelector: SELECTOR, policyTypes: ['Ingress'] });
  expect(printed.mock.calls).toEqual([
    ['[warning] [prod/db] allowFrom: [] admits no client: the NetworkPolicy rejects every connection'],
  ]);
});

test('in operator mode it selects the pod of the operator', () => {
  const chart = newChart();
  const router = new EgressRouter(chart, 'db', { ...OPERATOR, allowFrom: [] });
  expect(clientPolicy(synth(chart)).spec.podSelector).toEqual({ matchLabels: { app: 'egress-router-cni' } });
  expect(router.networkPolicy?.name).toBe('db');
});

test('a fallback that is null, as in YAML, counts as absent', () => {
  const chart = newChart();
  const clients = kplus.Pods.select(chart, 'Clients', { labels: { app: 'billing' } });
  const nothing = null as unknown as undefined;
  new EgressRouter(chart, 'db', { ...STANDALONE, fallbackIp: nothing, allowFrom: [clients] });
  expect(clientPolicy(synth(chart)).spec.ingress[0].ports).toEqual([{ port: 8443, protocol: 'TCP' }]);
});

test.each([
  ['no fallback', {}, 9180],
  ['a fallback, which takes every other port', { fallbackIp: '203.0.113.27' }, 9180],
  ['another health port', { healthPort: 8080 }, 8080],
])('admits Prometheus to the health port alone: %s', (_what, more, port) => {
  const chart = newChart();
  const monitoring = { from: [kplus.Namespaces.select(chart, 'Monitoring', { names: ['monitoring'] })] };
  new EgressRouter(chart, 'db', standalone({ ...more, allowFrom: [], monitoring }));
  const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } };
  expect(clientPolicy(synth(chart)).spec.ingress).toEqual([
    { from: [{ namespaceSelector, podSelector: {} }], ports: [{ port, protocol: 'TCP' }] },
  ]);
});

test('admits one who scrapes and is a client to both ports', () => {
  const chart = newChart();
  const peer = kplus.Pods.select(chart, 'Both', { labels: { app: 'both' } });
  new EgressRouter(chart, 'db', standalone({ allowFrom: [peer], monitoring: { from: [peer] } }));
  const from = [{ podSelector: { matchLabels: { app: 'both' } } }];
  expect(clientPolicy(synth(chart)).spec.ingress).toEqual([
    { from, ports: [{ port: 9180, protocol: 'TCP' }] },
    { from, ports: [{ port: 8443, protocol: 'TCP' }] },
  ]);
});
