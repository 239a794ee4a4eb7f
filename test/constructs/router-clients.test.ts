import { App, Chart } from 'cdk8s';
import * as kplus from 'cdk8s-plus-28';
import { EgressRouter, type EgressRouterProps } from '../../src';
import {
  clientPolicy,
  errorsOf,
  type Manifest,
  newChart,
  OPERATOR,
  STANDALONE,
  standalone,
  synth,
  synthErrors,
} from '../support/synth';

/** Every port but the health port. */
const FALLBACK_PORTS = [
  { port: 1, endPort: 9179, protocol: 'TCP' },
  { port: 9181, endPort: 65535, protocol: 'TCP' },
  { protocol: 'UDP' },
  { protocol: 'SCTP' },
];

const UDP_RULE = { port: 53, protocol: kplus.Protocol.UDP, destinationIp: '203.0.113.53' };
const TCP_PORT = { port: 8443, protocol: 'TCP' };
const UDP_PORT = { port: 53, protocol: 'UDP' };
const HEALTH_PORT = { port: 9180, protocol: 'TCP' };

const pods = (chart: Chart, app: string) => kplus.Pods.select(chart, app, { labels: { app } });
const from = (app: string) => [{ podSelector: { matchLabels: { app } } }];

let printed: jest.SpyInstance;
beforeEach(() => {
  printed = jest.spyOn(console, 'error').mockImplementation(() => {});
});
afterEach(() => printed.mockRestore());

describe('allowFrom of a router', () => {
  function ingress(props: EgressRouterProps, declare: (router: EgressRouter, chart: Chart) => void): Manifest[] {
    const chart = newChart();
    declare(new EgressRouter(chart, 'db', props), chart);
    return clientPolicy(synth(chart)).spec.ingress;
  }

  test('closes a router that admitted every pod', () => {
    const chart = newChart();
    const router = new EgressRouter(chart, 'db', STANDALONE);
    expect(router.networkPolicy).toBeUndefined();
    router.allowFrom(pods(chart, 'a'));
    expect(router.networkPolicy?.name).toBe('db');
    const { metadata, spec } = clientPolicy(synth(chart));
    expect(metadata).toMatchObject({ name: 'db', namespace: 'egress' });
    expect(spec).toMatchObject({ policyTypes: ['Ingress'], ingress: [{ from: from('a'), ports: [TCP_PORT] }] });
  });

  test('adds to the peers of the props, before rules and after them', () => {
    const chart = newChart();
    const router = new EgressRouter(chart, 'db', { ...STANDALONE, allowFrom: [pods(chart, 'a')] });
    router.allowFrom(pods(chart, 'b'));
    router.addRedirectRule(UDP_RULE);
    router.allowFrom(pods(chart, 'c'));
    expect(clientPolicy(synth(chart)).spec.ingress).toEqual(
      ['a', 'b', 'c'].map((app) => ({ from: from(app), ports: [TCP_PORT, UDP_PORT] })),
    );
  });

  test('reaches a peer and a rule that come after a synth', () => {
    const chart = newChart();
    const router = new EgressRouter(chart, 'db', { ...STANDALONE, allowFrom: [pods(chart, 'a')] });
    synth(chart);
    router.allowFrom(pods(chart, 'b'));
    router.addRedirectRule(UDP_RULE);
    const expected = [
      { from: from('a'), ports: [TCP_PORT] },
      { from: from('a'), ports: [UDP_PORT] },
      { from: from('b'), ports: [TCP_PORT, UDP_PORT] },
    ];
    expect(clientPolicy(synth(chart)).spec.ingress).toEqual(expected);
    expect(clientPolicy(synth(chart)).spec.ingress).toEqual(expected);
  });

  test('admits to every port but the health port where there is a fallback', () => {
    const declare = (router: EgressRouter, chart: Chart) => {
      router.allowFrom(pods(chart, 'a'));
      router.allowFrom(pods(chart, 'b'));
    };
    expect(ingress({ ...STANDALONE, fallbackIp: '203.0.113.27' }, declare)).toEqual([
      { from: from('a'), ports: FALLBACK_PORTS },
      { from: from('b'), ports: FALLBACK_PORTS },
    ]);
  });

  test('admits the scrapers of monitoring beside its peers', () => {
    const chart = newChart();
    const monitoring = { from: [pods(chart, 'prometheus')] };
    const router = new EgressRouter(chart, 'db', standalone({ monitoring }));
    router.allowFrom(pods(chart, 'a'));
    expect(clientPolicy(synth(chart)).spec.ingress).toEqual([
      { from: from('prometheus'), ports: [HEALTH_PORT] },
      { from: from('a'), ports: [TCP_PORT] },
    ]);
  });

  test('is an object among those whose names are taken once', () => {
    const chart = newChart();
    const addresses = [{ ip: '192.168.12.98/24', gateway: '192.168.12.1' }];
    new EgressRouter(chart, 'one', { ...STANDALONE, service: { name: 'a' } }).allowFrom(pods(chart, 'a'));
    const other = standalone({ addresses, metadata: { name: 'one' }, service: { name: 'b' }, operatorNames: true });
    new EgressRouter(chart, 'two', other).allowFrom(pods(chart, 'b'));
    expect(synthErrors(chart)).toEqual([
      expect.stringContaining('[prod/two] metadata.name: "one" makes NetworkPolicy/one, which [prod/one] makes too'),
    ]);
  });

  test('refuses what is not a peer, with an issue', () => {
    const chart = newChart();
    const router = new EgressRouter(chart, 'db', { ...STANDALONE, allowFrom: [pods(chart, 'a')] });
    router.allowFrom({ app: 'x' } as never);
    expect(synthErrors(chart)).toEqual([
      expect.stringMatching(
        /^\[prod\/db\] allowFrom.*: \{"app":"x"\} is not of that type; accepted: a list of cdk8s-plus/,
      ),
    ]);
  });
});

describe('pods of another namespace', () => {
  const app = new App();
  const billing = new Chart(app, 'billing', { namespace: 'billing' });
  const plain = kplus.Pods.select(billing, 'Plain', { labels: { app: 'x' } });
  const team = kplus.Namespaces.select(billing, 'Team', { labels: { 'kubernetes.io/metadata.name': 'billing' } });
  const named = kplus.Pods.select(billing, 'Named', { labels: { app: 'x' }, namespaces: team });
  const problem =
    '"billing/Plain" selects pods without a namespace in a chart of namespace "billing", and the NetworkPolicy is in "egress": it would admit the pods of "egress"';
  const accepted =
    "accepted: Pods.select with namespaces: Namespaces.select(…, { labels: { 'kubernetes.io/metadata.name': 'billing' } })";

  test('are refused without the namespace, which the policy could not say', () => {
    expect(errorsOf({ ...STANDALONE, allowFrom: [named, plain] })).toEqual([
      `[prod/db] allowFrom[1]: ${problem}; ${accepted}`,
    ]);
    const chart = newChart();
    new EgressRouter(chart, 'db', { ...STANDALONE, allowFrom: [named] }).allowFrom(plain);
    expect(synthErrors(chart)).toEqual([`[prod/db] allowFrom[1]: ${problem}; ${accepted}`]);
  });

  test('are those of the nearest chart, where charts are nested', () => {
    const pods = (outer: string, inner: string) => {
      const around = new Chart(new App(), 'outer', { namespace: outer });
      return kplus.Pods.select(new Chart(around, 'inner', { namespace: inner }), 'Pods', { labels: { app: 'x' } });
    };
    expect(errorsOf({ ...STANDALONE, allowFrom: [pods('billing', 'egress')] })).toEqual([]);
    expect(errorsOf({ ...STANDALONE, allowFrom: [pods('egress', 'billing')] })).toEqual([
      expect.stringContaining('in a chart of namespace "billing"'),
    ]);
  });

  test('are admitted with it', () => {
    const chart = newChart();
    new EgressRouter(chart, 'db', { ...STANDALONE, allowFrom: [named] });
    expect(clientPolicy(synth(chart)).spec.ingress[0].from).toEqual([
      {
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'billing' } },
        podSelector: { matchLabels: { app: 'x' } },
      },
    ]);
  });

  test('are not refused where the chart has no namespace, or the same', () => {
    const anywhere = new Chart(new App(), 'anywhere');
    const same = new Chart(new App(), 'same', { namespace: 'egress' });
    expect(errorsOf({ ...STANDALONE, allowFrom: [pods(anywhere, 'x'), pods(same, 'x')] })).toEqual([]);
  });

  test('may scrape only with the namespace', () => {
    expect(errorsOf(standalone({ allowFrom: [named], monitoring: { from: [plain] } }))).toEqual([
      `[prod/db] mode.monitoring.from[0]: ${problem}; ${accepted}`,
    ]);
  });
});

describe('allowClientEgress', () => {
  const everyPod = [{ namespaceSelector: {}, podSelector: {} }];
  const dnsPorts = [53, 5353].flatMap((port) => ['UDP', 'TCP'].map((protocol) => ({ port, protocol })));
  const DNS = { to: everyPod, ports: dnsPorts };
  const podSelector = {
    matchLabels: { 'app.kubernetes.io/name': 'egress-router', 'app.kubernetes.io/instance': 'db' },
  };
  const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': 'egress' } };

  function policyFor(props: EgressRouterProps, change: (router: EgressRouter) => void = () => {}): Manifest {
    const app = new App();
    const router = new EgressRouter(new Chart(app, 'prod', { namespace: 'egress' }), 'db', props);
    const clients = new Chart(app, 'clients', { namespace: 'billing' });
    router.allowClientEgress(clients, 'Egress', pods(clients, 'billing'));
    change(router);
    return clientPolicy(synth(clients));
  }

  test("lets clients reach the router's ports and DNS, and nothing else", () => {
    const { metadata, spec } = policyFor(STANDALONE);
    expect(metadata.namespace).toBe('billing');
    expect(spec).toEqual({
      podSelector: { matchLabels: { app: 'billing' } },
      policyTypes: ['Egress'],
      egress: [DNS, { to: [{ namespaceSelector, podSelector }], ports: [TCP_PORT] }],
    });
  });

  test('follows rules that are added later', () => {
    const { egress } = policyFor(STANDALONE, (router) => router.addRedirectRule(UDP_RULE)).spec;
    expect(egress[1]).toEqual({ to: [{ namespaceSelector, podSelector }], ports: [TCP_PORT, UDP_PORT] });
    expect(egress).toHaveLength(2);
  });

  test('has the same objects after a second synth', () => {
    const chart = newChart();
    const router = new EgressRouter(chart, 'db', STANDALONE);
    router.allowClientEgress(chart, 'Egress', pods(chart, 'billing'));
    const once = synth(chart);
    expect(synth(chart)).toEqual(once);
  });

  test('is for every port but the health port where there is a fallback', () => {
    const { egress } = policyFor({ ...STANDALONE, fallbackIp: '203.0.113.27' }).spec;
    expect(egress).toEqual([{ to: [{ namespaceSelector, podSelector }], ports: FALLBACK_PORTS }, DNS]);
  });

  test("selects the operator's pod in operator mode, and no fallback that nothing reads", () => {
    const { egress } = policyFor({ ...OPERATOR, fallbackIp: '203.0.113.27' }).spec;
    const selector = { matchLabels: { app: 'egress-router-cni' } };
    expect(egress[1]).toEqual({ to: [{ namespaceSelector, podSelector: selector }], ports: [TCP_PORT] });
  });

  test('without a namespace of the router it is that of the clients', () => {
    const chart = new Chart(new App(), 'prod');
    const router = new EgressRouter(chart, 'db', STANDALONE);
    router.allowClientEgress(chart, 'Egress', pods(chart, 'billing'));
    expect(clientPolicy(synth(chart)).spec.egress[1].to).toEqual([{ podSelector }]);
  });
});
