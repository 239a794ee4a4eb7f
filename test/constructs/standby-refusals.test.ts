import { ApiObject, App, Chart, JsonPatch } from 'cdk8s';
import * as kplus from 'cdk8s-plus-28';
import {
  EgressRouter,
  EgressRouterCluster,
  type EgressRouterProps,
  Link,
  MacvlanMode,
  type OperatorRouterOptions,
  Platform,
  RouterMode,
  type StandaloneRouterOptions,
} from '../../src';
import { errorsOf, newChart, OPERATOR, STANDALONE, standalone, synth, synthErrors } from '../support/synth';

let printed: jest.SpyInstance;
beforeEach(() => {
  printed = jest.spyOn(console, 'error').mockImplementation(() => {});
});
afterEach(() => printed.mockRestore());

const V4 = { ip: '192.168.12.99/24', gateway: '192.168.12.1' };
const TCP = kplus.Protocol.TCP;
const onNode = (name: string) => kplus.Node.labeled(kplus.NodeLabelQuery.in('kubernetes.io/hostname', [name]));

type Changes = Partial<EgressRouterProps> & StandaloneRouterOptions;
const pair = (changes: Changes = {}) => standalone({ standby: true, ...changes });
/** A value that no compiler accepts. */
const loose = (changes: object) => changes as Changes;

test.each<[string, Changes, string]>([
  ['a number of standbys', loose({ standby: 2 }), 'mode.standby: 2 is not a boolean; accepted: true or false'],
  [
    'a MAC address for one without a standby',
    { standby: false, link: Link.macvlan({ standbyMacAddress: '02:00:5e:10:00:02' }) },
    'mode.link.standbyMacAddress: "02:00:5e:10:00:02" is for a standby; accepted: nothing, or standby: true',
  ],
  [
    "the holder's MAC address",
    { link: Link.macvlan({ standbyMacAddress: 'e2:65:c0:a8:0c:63' }) },
    'mode.link.standbyMacAddress: "e2:65:c0:a8:0c:63" is the MAC address of the pod that has the address; accepted: another one: the standby has to hear the holder',
  ],
  [
    'a MAC address that is not one',
    { link: Link.macvlan({ standbyMacAddress: 'e6:65' }) },
    'mode.link.standbyMacAddress: "e6:65" is not a MAC address; accepted: a unicast MAC address that is not zero, such as "02:00:5e:10:00:01"',
  ],
  [
    'a parent interface that is taken whole',
    {
      link: Link.macvlan({ mode: MacvlanMode.PASSTHRU, parentInterface: 'eth1', macAddress: '02:00:5e:10:00:01' }),
    },
    'mode.link.mode: "Passthru" takes the parent interface for one MAC address, and a pair has two; accepted: bridge, private or vepa',
  ],
  [
    'an address without a gateway',
    { addresses: [{ ip: V4.ip }], redirectRules: [{ port: 443, protocol: TCP, destinationIp: '192.168.12.26' }] },
    'addresses[0].ip: "192.168.12.99/24" has no gateway, whose answers tell a standby that its own LAN works; accepted: a gateway for every address of a router with a standby',
  ],
  [
    "a rule on the pair's port",
    { redirectRules: [{ port: 10870, protocol: TCP, destinationIp: '203.0.113.26' }] },
    'redirectRules[0].port: 10870 takes the port on which the pods of a pair talk to each other; accepted: a port other than 10870',
  ],
  [
    "the pair's port as health port",
    { healthPort: 10_870 },
    'mode.healthPort: 10870 is the port on which the pods of a pair talk to each other; accepted: another port',
  ],
  [
    'a blocked drain',
    { failover: { blockDrain: true } },
    'mode.failover.blockDrain: true blocks the drain of a node whose pod would leave the address to its standby first; accepted: false with standby',
  ],
  [
    'one node',
    { scheduling: { attract: [onNode('n1'), onNode('n1')] } },
    'mode.scheduling: "n1" is the only node for two pods; accepted: two nodes or more, for the router and its standby',
  ],
  [
    'a key that is not a Secret',
    loose({ standbyKeySecret: 'key' }),
    'mode.standbyKeySecret: "key" is not a Secret; accepted: a Secret of cdk8s-plus',
  ],
  [
    'a host whose Service has the name of a slice',
    { hosts: [{ name: 'bank.example', serviceName: 'db-ipv6', ports: [443], addresses: ['203.0.113.4'] }] },
    'hosts: "db-ipv6" is the EndpointSlice of Service db-ipv6 and of Service db; accepted: another serviceName',
  ],
])('a standby refuses %s', (_what, changes, message) => {
  expect(errorsOf(pair(changes))).toEqual([`[prod/db] ${message}`]);
});

test('is not an option of operator mode', () => {
  const mode = RouterMode.operator({ standby: true } as OperatorRouterOptions);
  expect(errorsOf({ ...OPERATOR, mode })).toEqual([
    expect.stringMatching(/^\[prod\/db\] mode\.standby: true is an unknown key/),
  ]);
  expect(errorsOf({ ...OPERATOR, standby: true })).toEqual([
    expect.stringContaining('(did you mean "mode: RouterMode.standalone({ standby })"?)'),
  ]);
});

test('the nodes are judged as the Deployment is written', () => {
  const errorsWith = (change: (router: EgressRouter) => void) => {
    const chart = newChart();
    change(new EgressRouter(chart, 'db', pair()));
    return synthErrors(chart);
  };
  const only = (node: string) => [expect.stringContaining(`mode.scheduling: "${node}" is the only node for two pods`)];
  expect(errorsWith((router) => router.standalone!.deployment.scheduling.assign(kplus.Node.named('n2')))).toEqual(
    only('n2'),
  );
  const patch = (path: string, value: unknown) => (router: EgressRouter) =>
    ApiObject.of(router).addJsonPatch(JsonPatch.add(path, value));
  const selector = { 'kubernetes.io/hostname': 'n3' };
  expect(errorsWith(patch('/spec/template/spec/nodeSelector', selector))).toEqual(only('n3'));
  expect(errorsWith(patch('/spec/replicas', 3))).toEqual([
    '[prod/db] mode.standby: 3 is the number of pods; accepted: 2, one standby',
  ]);
  expect(errorsWith(patch('/spec/replicas', 0))).toEqual([]);
  expect(errorsOf(pair({ scheduling: { attract: [onNode('n1'), onNode('n2')] } }))).toEqual([]);
  const zone = kplus.Node.labeled(kplus.NodeLabelQuery.is('zone', 'a'));
  expect(errorsOf(pair({ scheduling: { attract: [onNode('n1'), zone] } }))).toEqual([]);
});

test('a RoleBinding needs a namespace', () => {
  const chart = new Chart(new App(), 'prod');
  new EgressRouter(chart, 'db', pair());
  expect(synthErrors(chart)).toEqual([
    '[prod/db] metadata.namespace: (nothing) is missing, and the RoleBinding of a standby has to name it; accepted: a namespace of the chart or of the router',
  ]);
});

test.each(['restricted', 'baseline'])(
  'a namespace that enforces %s is found, with all that a standby needs',
  (level) => {
    const app = new App();
    const labels = { 'pod-security.kubernetes.io/enforce': level };
    new kplus.Namespace(new Chart(app, 'namespace'), 'Namespace', { metadata: { name: 'egress', labels } });
    const chart = new Chart(app, 'prod', { namespace: 'egress' });
    new EgressRouter(chart, 'db', pair());
    expect(synthErrors(chart)).toEqual([
      `[prod/db] mode.standby: true needs root and the capabilities NET_ADMIN and NET_RAW, which namespace "egress" refuses: [namespace/Namespace/Resource] enforces the Pod Security level "${level}"; accepted: a namespace with the label pod-security.kubernetes.io/enforce: privileged, or no standby`,
    ]);
  },
);

describe('in a cluster', () => {
  const mode = (options: StandaloneRouterOptions) => RouterMode.standalone({ image: 'router:1', ...options });
  const router = (chart: Chart, id: string, last: number, changes: Changes = {}) =>
    new EgressRouter(chart, id, pair({ addresses: [{ ...V4, ip: `192.168.12.${last}/24` }], ...changes }));

  test.each<[string, StandaloneRouterOptions, string]>([
    [
      'a MAC address of the standby',
      { link: Link.macvlan({ standbyMacAddress: '02:00:5e:10:00:02' }) },
      `mode.link.standbyMacAddress: "02:00:5e:10:00:02" would be the standby's MAC address of every router of the cluster`,
    ],
    [
      'a key',
      { standbyKeySecret: kplus.Secret.fromSecretName(newChart(), 'Key', 'key') },
      'would be the key of every router of the cluster; accepted: a standbyKeySecret in the mode of one router',
    ],
    ['a number', loose({ standby: 1 }), 'mode.standby: 1 is not a boolean'],
  ])('%s is refused', (_what, options, message) => {
    expect(() => new EgressRouterCluster('prod', { mode: mode(options) })).toThrow(message);
  });

  test('all routers can have a standby, and one can do without', () => {
    const cluster = new EgressRouterCluster('prod', { mode: mode({ standby: true }) });
    const replicas = (own?: StandaloneRouterOptions) => {
      const chart = newChart();
      new EgressRouter(chart, 'db', { ...OPERATOR, cluster, mode: own && RouterMode.standalone(own) });
      return synth(chart).find(({ kind }) => kind === 'Deployment').spec.replicas;
    };
    expect([replicas(), replicas({}), replicas({ standby: false })]).toEqual([2, 2, 1]);
  });

  test('a MAC address of two routers is found, whichever pods have it', () => {
    const chart = newChart();
    router(chart, 'a', 98, { link: Link.macvlan({ macAddress: 'e6:65:c0:a8:0c:63' }) });
    router(chart, 'b', 99);
    router(chart, 'c', 97, { link: Link.macvlan({ standbyMacAddress: 'e6:65:c0:a8:0c:62' }) });
    const on = `a MAC address that no other router of cluster "default" has on parent interface (the default route's)`;
    expect(synthErrors(chart)).toEqual([
      `[prod/b] mode.link.standbyMacAddress: "e6:65:c0:a8:0c:63" is also the MAC address of [prod/a]; accepted: ${on}`,
      `[prod/c] mode.link.standbyMacAddress: "e6:65:c0:a8:0c:62" is also the MAC address of the standby of [prod/a]; accepted: ${on}`,
    ]);
  });

  test('a MAC budget counts both addresses', () => {
    const cluster = new EgressRouterCluster('prod', { mode: mode({}), macBudget: 1, enforceMacBudget: true });
    expect(errorsOf(pair({ cluster }))).toEqual([
      expect.stringContaining(
        `is one of 1 router and 1 standby on parent interface (the default route's), whose MAC budget is 1`,
      ),
    ]);
    expect(errorsOf({ ...STANDALONE, cluster })).toEqual([]);
    const two = new EgressRouterCluster('prod', { mode: mode({}), macBudget: 2, enforceMacBudget: true });
    expect(errorsOf(pair({ cluster: two }))).toEqual([]);
  });

  test("OpenStack's port security is named, and a platform without a second MAC address refused as ever", () => {
    const on = (platform: Platform) => new EgressRouterCluster('prod', { platform, mode: mode({}) });
    const chart = newChart();
    const { warnings } = router(chart, 'db', 99, { cluster: on(Platform.OPENSTACK) });
    expect(warnings).toEqual([expect.stringMatching(/^mode\.standby: OpenStack's port security drops ARP probes/)]);
    expect(new EgressRouter(newChart(), 'db', { ...STANDALONE, cluster: on(Platform.OPENSTACK) }).warnings).toEqual([]);
    expect(new EgressRouter(newChart(), 'db', pair({ cluster: on(Platform.KVM) })).warnings).toEqual([]);
    expect(() => on(Platform.AWS)).toThrow('cannot carry a second MAC address');
  });

  test.each<[string, (chart: Chart) => void, string]>([
    [
      'the account',
      (chart) => new kplus.ServiceAccount(chart, 'Mine', { metadata: { name: 'db-standby' } }),
      'ServiceAccount/db-standby',
    ],
    ['the key', (chart) => new kplus.Secret(chart, 'Mine', { metadata: { name: 'db-pair' } }), 'Secret/db-pair'],
    [
      'a slice',
      (chart) =>
        new ApiObject(chart, 'Mine', {
          apiVersion: 'discovery.k8s.io/v1',
          kind: 'EndpointSlice',
          metadata: { name: 'db-ipv6' },
        }),
      'EndpointSlice/db-ipv6',
    ],
  ])("an object of the user's with the name of %s is found", (_what, make, object) => {
    const chart = newChart();
    make(chart);
    router(chart, 'db', 99);
    expect(synthErrors(chart)).toEqual([expect.stringContaining(`makes ${object}, which [prod/Mine`)]);
  });

  test("the slice of IPv6 of one router is not another one's Service", () => {
    const chart = newChart();
    router(chart, 'db', 99);
    router(chart, 'db-ipv6', 98);
    expect(synthErrors(chart)).toEqual([
      expect.stringContaining('makes EndpointSlice/db-ipv6, which [prod/db] makes too'),
    ]);
  });
});
