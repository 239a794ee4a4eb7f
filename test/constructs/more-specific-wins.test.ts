import { ApiObject, Chart, Duration } from 'cdk8s';
import * as kplus from 'cdk8s-plus-28';
import {
  EgressRouter,
  EgressRouterCluster,
  type EgressRouterClusterProps,
  EgressRouterPlugin,
  EgressRouterResource,
  Link,
  RouterMode,
} from '../../src';
import {
  clientPolicy,
  errorsOf,
  newChart,
  OPERATOR,
  only,
  STANDALONE,
  standalone,
  synth,
  synthErrors,
} from '../support/synth';

const IMAGE = { image: 'router:1' };
const { addresses, redirectRules } = STANDALONE;

beforeEach(() => jest.spyOn(console, 'error').mockImplementation(() => {}));
afterEach(() => jest.restoreAllMocks());

function resource(macvlan: object) {
  return {
    apiVersion: 'network.operator.openshift.io/v1',
    kind: 'EgressRouter',
    metadata: { name: 'db' },
    spec: {
      addresses,
      networkInterface: { macvlan },
      redirect: { redirectRules: [{ port: 443, protocol: 'TCP', destinationIP: '203.0.113.26' }] },
    },
  };
}

describe("what is said closer to a router wins over the cluster's default", () => {
  test('the interface of an imported resource, in both modes', () => {
    const wanted = { master: 'eth1', mode: 'Private' };
    const ofStandalone = newChart();
    const link = Link.macvlan({ parentInterface: 'eth9' });
    const cluster = new EgressRouterCluster('prod', { mode: RouterMode.standalone({ ...IMAGE, link }) });
    EgressRouter.fromCustomResource(ofStandalone, 'db', resource(wanted), { cluster });
    const { config } = only(synth(ofStandalone), 'NetworkAttachmentDefinition').spec;
    expect(JSON.parse(config).interfaceArgs).toEqual({ master: 'eth1', mode: 'private' });

    const ofOperator = newChart();
    const mode = RouterMode.operator({ networkInterface: { macvlan: { master: 'eth9' } } });
    const okd = new EgressRouterCluster('okd', { mode });
    EgressRouter.fromCustomResource(ofOperator, 'db', resource(wanted), { cluster: okd });
    expect(only(synth(ofOperator), 'EgressRouter').spec.networkInterface.macvlan).toEqual(wanted);
  });

  test("a router's own annotation with a sync wave", () => {
    const chart = newChart();
    const annotations = { 'argocd.argoproj.io/sync-wave': '7' };
    const cluster = new EgressRouterCluster('prod', { argoCdSyncWave: 2 });
    new EgressRouter(chart, 'db', { ...STANDALONE, cluster, metadata: { annotations } });
    expect(new Set(synth(chart).map(({ metadata }) => metadata.annotations['argocd.argoproj.io/sync-wave']))).toEqual(
      new Set(['7']),
    );
  });

  test("what does not apply to a router is not taken from the cluster's monitoring", () => {
    const from = [kplus.Namespaces.all(newChart(), 'Everyone')];
    const monitoring = { scrapeInterval: Duration.seconds(30), from };
    const cluster = new EgressRouterCluster('prod', { mode: RouterMode.standalone({ ...IMAGE, monitoring }) });
    const own = RouterMode.standalone({ monitoring: { podMonitor: false } });
    expect(errorsOf({ addresses, redirectRules, cluster, mode: own })).toEqual([]);
    expect(errorsOf({ addresses, redirectRules, cluster })).toEqual([]);
  });

  test('null on the plugin is the default of the cluster, as on a router', () => {
    const chart = newChart();
    const cluster = new EgressRouterCluster('prod', { mode: RouterMode.standalone({ ...IMAGE, pluginName: 'zz' }) });
    const props = { cluster, image: null, pluginName: null } as object;
    expect(new EgressRouterPlugin(chart, 'plugin', props).pluginName).toBe('zz');
    expect(synthErrors(chart)).toEqual([]);
  });
});

test('a plain object is not a mode: its options would be lost', () => {
  const mode = { kind: 'standalone', ...IMAGE, liveRules: true } as unknown as RouterMode;
  expect(errorsOf({ ...OPERATOR, mode })).toEqual([expect.stringContaining('is not a RouterMode')]);
  expect(() => new EgressRouterCluster('prod', { mode })).toThrow('is not a RouterMode');
});

describe('warnings as errors', () => {
  const strict = (props: EgressRouterClusterProps = {}) =>
    new EgressRouterCluster('prod', { warningsAsErrors: true, macBudget: 1, ...props });
  const other = [{ ip: '192.168.12.98/24', gateway: '192.168.12.1' }];

  test('are reported by resources too', () => {
    const chart = newChart();
    const cluster = strict();
    new EgressRouterResource(chart, 'one', { cluster, metadata: { namespace: 'a' }, addresses, redirectRules });
    new EgressRouterResource(chart, 'two', { cluster, addresses: other, redirectRules });
    expect(synthErrors(chart)).toEqual([expect.stringContaining('2 routers share parent interface')]);
  });

  test('are reported once, whatever the first router is', () => {
    const chart = newChart();
    const cluster = strict();
    new EgressRouterResource(chart, 'one', { cluster, metadata: { namespace: 'a' }, addresses, redirectRules });
    new EgressRouter(chart, 'two', { ...OPERATOR, cluster, addresses: other });
    expect(synthErrors(chart)).toEqual([expect.stringContaining('2 routers share parent interface')]);
  });
});

test('what was removed leaves no warning, no plugin and no cluster of its chart', () => {
  const chart = newChart();
  new EgressRouter(chart, 'gone', { ...STANDALONE, allowFrom: [], cluster: new EgressRouterCluster('gone') });
  new EgressRouterPlugin(chart, 'plugin', { image: 'router:1', pluginName: 'other' });
  for (const id of ['gone', 'plugin']) chart.node.tryRemoveChild(id);
  new EgressRouter(chart, 'db', { ...STANDALONE, cluster: new EgressRouterCluster('prod') });
  expect(synthErrors(chart)).toEqual([]);
  expect(EgressRouter.warningsOf(chart)).toEqual([]);
});

describe('objects beside a router', () => {
  test("a user's rule of its NetworkPolicy keeps its ports", () => {
    const chart = newChart();
    const peer = (id: string) => kplus.Namespaces.select(chart, id, { labels: { team: id } });
    const router = new EgressRouter(chart, 'db', { ...STANDALONE, fallbackIp: '203.0.113.9', allowFrom: [peer('a')] });
    router.networkPolicy!.addIngressRule(peer('user'), [kplus.NetworkPolicyPort.tcp(1)]);
    router.networkPolicy!.addIngressRule(peer('all'));
    router.allowFrom(peer('b'));
    const { ingress } = clientPolicy(synth(chart)).spec;
    const ofFallback = expect.arrayContaining([{ port: 1, endPort: 9179, protocol: 'TCP' }]);
    expect(ingress.map(({ ports }: { ports?: object[] }) => ports)).toEqual([
      ofFallback,
      [{ port: 1, protocol: 'TCP' }],
      undefined,
      ofFallback,
    ]);
  });

  test('a Service of Knative is another kind than a Service of the user', () => {
    const withObject = (apiVersion: string) => {
      const chart = newChart();
      new EgressRouter(chart, 'db', STANDALONE);
      new ApiObject(chart, 'Other', { apiVersion, kind: 'Service', metadata: { name: 'db' } });
      return synthErrors(chart);
    };
    expect(withObject('serving.knative.dev/v1')).toEqual([]);
    expect(withObject('v1')).toEqual([expect.stringContaining('makes Service/db, which [prod/Other] makes too')]);
  });

  test.each<[string, (chart: Chart) => unknown, RegExp]>([
    ['nothing', () => undefined, /clients: \(nothing\) is not a selector of pods/],
    ['another type', () => ({}), /clients: \{\} is not a selector of pods/],
    [
      'pods of another namespace',
      (chart) => kplus.Pods.all(new Chart(chart.node.root as Chart, 'two', { namespace: 'two' }), 'Pods'),
      /clients: "two\/Pods" is not in namespace "egress" alone/,
    ],
  ])('clients that are %s are refused', (_what, clients, message) => {
    const chart = newChart();
    const router = new EgressRouter(chart, 'db', STANDALONE);
    expect(() => router.allowClientEgress(chart, 'clients', clients(chart) as kplus.IPodSelector)).toThrow(message);
  });

  test('the policy of clients is named after router and id, wherever the code stands', () => {
    const chart = newChart();
    const router = new EgressRouter(chart, 'db', STANDALONE);
    const policy = router.allowClientEgress(chart, 'BankClients', kplus.Pods.all(chart, 'All'));
    expect(policy.name).toBe('db-bank-clients');
  });
});

test('a cluster IP lies in the network of the Services, and a gateway outside the cluster', () => {
  const cluster = new EgressRouterCluster('prod', { serviceCidrs: ['10.96.0.0/12'], podCidrs: ['192.168.12.0/30'] });
  expect(errorsOf({ ...STANDALONE, cluster, service: { clusterIp: '172.30.0.9' } })).toEqual([
    expect.stringContaining('addresses[0].gateway: "192.168.12.1" is in 192.168.12.0/30'),
    expect.stringContaining('service.clusterIp: "172.30.0.9" is outside the network of the cluster\'s Services'),
  ]);
  expect(() => new EgressRouterCluster('prod', { podCidrs: ['10.244.0.1/16'] })).toThrow(
    'whose own address is 10.244.0.0',
  );
});

test('a pasted redirect has one issue, with what to do', () => {
  const { redirectRules: _, ...others } = standalone({});
  expect(errorsOf({ ...others, redirect: { redirectRules: [] } })).toEqual([
    expect.stringContaining('did you mean "redirectRules and fallbackIp, without redirect around them"?'),
  ]);
});
