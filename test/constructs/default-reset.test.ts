import { Duration, Size } from 'cdk8s';
import * as kplus from 'cdk8s-plus-28';
import {
  ClusterDefault,
  DnsResolver,
  EgressRouter,
  EgressRouterCluster,
  Link,
  MacvlanMode,
  RouterMode,
  type StandaloneRouterOptions,
} from '../../src';
import { STANDALONE_ROUTER_KEYS } from '../../src/constructs/standalone/standalone-router-options';
import { errorsOf, type Manifest, newChart, OPERATOR, only, STANDALONE, synth } from '../support/synth';

const IMAGE = 'registry.example.com/egress-router:1';
const chart = newChart();

/** A default of the cluster for each option, and what a router says to have the library's own default instead. */
const DEFAULTS: [path: string, ofCluster: StandaloneRouterOptions, own: StandaloneRouterOptions][] = [
  [
    'imagePullPolicy',
    { imagePullPolicy: kplus.ImagePullPolicy.ALWAYS },
    { imagePullPolicy: kplus.ImagePullPolicy.IF_NOT_PRESENT },
  ],
  [
    'dockerRegistryAuth',
    { dockerRegistryAuth: kplus.Secret.fromSecretName(chart, 'Auth', 'registry') },
    { ignoreDefaults: [ClusterDefault.DOCKER_REGISTRY_AUTH] },
  ],
  [
    'resources',
    { resources: { memory: { request: Size.mebibytes(300) } } },
    { ignoreDefaults: [ClusterDefault.RESOURCES] },
  ],
  [
    'link.mode',
    { link: Link.macvlan({ mode: MacvlanMode.VEPA }) },
    { link: Link.macvlan({ mode: MacvlanMode.BRIDGE }) },
  ],
  [
    'link.parentInterface',
    { link: Link.macvlan({ parentInterface: 'eth1' }) },
    { ignoreDefaults: [ClusterDefault.PARENT_INTERFACE] },
  ],
  ['link.mtu', { link: Link.macvlan({ mtu: 1400 }) }, { ignoreDefaults: [ClusterDefault.MTU] }],
  [
    'scheduling.attract',
    { scheduling: { attract: [kplus.Node.labeled(kplus.NodeLabelQuery.is('egress', 'yes'))] } },
    { scheduling: { attract: [] } },
  ],
  [
    'scheduling.tolerate',
    { scheduling: { tolerate: [kplus.Node.tainted(kplus.NodeTaintQuery.exists('egress'))] } },
    { scheduling: { tolerate: [] } },
  ],
  [
    'scheduling.priorityClassName',
    { scheduling: { priorityClassName: 'high' } },
    { ignoreDefaults: [ClusterDefault.PRIORITY_CLASS_NAME] },
  ],
  [
    'failover.evictFromUnreachableAfter',
    { failover: { evictFromUnreachableAfter: Duration.seconds(7) } },
    { failover: { evictFromUnreachableAfter: Duration.seconds(2) } },
  ],
  [
    'failover.evictFromNotReadyAfter',
    { failover: { evictFromNotReadyAfter: Duration.seconds(7) } },
    { failover: { evictFromNotReadyAfter: Duration.seconds(10) } },
  ],
  [
    'failover.conflictWait',
    { failover: { conflictWait: Duration.seconds(7) } },
    { failover: { conflictWait: Duration.seconds(10) } },
  ],
  ['standby', { standby: true }, { standby: false }],
  ['failover.blockDrain', { failover: { blockDrain: true } }, { failover: { blockDrain: false } }],
  ...(
    [
      ['tcpEstablished', 86_400],
      ['tcpHalfClosed', 7440],
      ['udp', 120],
      ['udpStream', 300],
      ['sctpEstablished', 7440],
    ] as const
  ).map(([key, seconds]): (typeof DEFAULTS)[number] => [
    `connectionTimeouts.${key}`,
    { connectionTimeouts: { [key]: Duration.seconds(7) } },
    { connectionTimeouts: { [key]: Duration.seconds(seconds) } },
  ]),
  ['connectionsPerClient', { connectionsPerClient: 9 }, { ignoreDefaults: [ClusterDefault.CONNECTIONS_PER_CLIENT] }],
  ['healthPort', { healthPort: 9999 }, { healthPort: 9180 }],
  ['detectConflicts', { detectConflicts: false }, { detectConflicts: true }],
  ['announcements', { announcements: 5 }, { announcements: 3 }],
  ['arpFramesPerSecond', { arpFramesPerSecond: 5 }, { arpFramesPerSecond: 10 }],
  ['pluginName', { pluginName: 'other' }, { pluginName: 'egress-router' }],
  ['operatorNames', { operatorNames: true }, { operatorNames: false }],
  ['liveRules', { liveRules: true }, { liveRules: false }],
  ['ruleMetrics', { ruleMetrics: true }, { ruleMetrics: false }],
  ['watchConflicts', { watchConflicts: true }, { watchConflicts: false }],
  ['monitoring', { monitoring: {} }, { monitoring: { podMonitor: false, alerts: false } }],
];

/** Within monitoring, beside a router that has it from its cluster too. */
const OF_MONITORING: typeof DEFAULTS = [
  ['podMonitor', { monitoring: { podMonitor: false } }, { monitoring: { podMonitor: true } }],
  ['alerts', { monitoring: { alerts: false } }, { monitoring: { alerts: true } }],
  ['labels', { monitoring: { labels: { release: 'x' } } }, { monitoring: { labels: {} } }],
  [
    'scrapeInterval',
    { monitoring: { scrapeInterval: Duration.seconds(30) } },
    { ignoreDefaults: [ClusterDefault.SCRAPE_INTERVAL] },
  ],
  ['from', { monitoring: { from: [kplus.Namespaces.all(chart, 'Everyone')] } }, { monitoring: { from: [] } }],
];

/** The objects of a router with these options, in a cluster with those. */
function synthIn(ofCluster: StandaloneRouterOptions, own?: StandaloneRouterOptions): Manifest[] {
  const of = newChart();
  const cluster = new EgressRouterCluster('prod', {
    mode: RouterMode.standalone({ image: IMAGE, ...ofCluster }),
    podCidrs: ['10.244.0.0/16'],
    serviceCidrs: ['10.96.0.0/12'],
  });
  const mode = own && RouterMode.standalone(own);
  new EgressRouter(of, 'db', { ...OPERATOR, cluster, mode, allowFrom: [] });
  return synth(of);
}

beforeEach(() => jest.spyOn(console, 'error').mockImplementation(() => {}));
afterEach(() => jest.restoreAllMocks());

describe('a router sets a default of its cluster back to the one of the library:', () => {
  test.each(DEFAULTS)('%s', (_path, ofCluster, own) => {
    const untouched = synthIn({});
    expect(synthIn(ofCluster)).not.toEqual(untouched);
    expect(synthIn(ofCluster, own)).toEqual(untouched);
  });

  test.each(OF_MONITORING)('monitoring.%s', (_path, ofCluster, own) => {
    const untouched = synthIn({ monitoring: {} });
    expect(synthIn(ofCluster)).not.toEqual(untouched);
    expect(synthIn(ofCluster, own)).toEqual(untouched);
  });

  test('resolver, which counts with liveRules alone', () => {
    const resolver = DnsResolver.servers(['192.168.12.53']);
    expect(synthIn({ resolver })).toEqual(synthIn({}));
    const live = synthIn({ liveRules: true });
    expect(synthIn({ resolver, liveRules: true })).not.toEqual(live);
    expect(synthIn({ resolver, liveRules: true }, { ignoreDefaults: [ClusterDefault.RESOLVER] })).toEqual(live);
  });

  test('every option of the mode', () => {
    const known = [...DEFAULTS.map(([path]) => path.split('.')[0]), 'resolver'];
    // A router cannot do without an image, and a key is of one router.
    expect([...new Set(known), 'image', 'ignoreDefaults', 'standbyKeySecret'].sort()).toEqual(
      [...STANDALONE_ROUTER_KEYS].sort(),
    );
    const ignored = [...DEFAULTS, ...OF_MONITORING].flatMap(([, , own]) => own.ignoreDefaults ?? []);
    ignored.push(ClusterDefault.RESOLVER);
    expect(ignored.sort()).toEqual(Object.values(ClusterDefault).sort());
  });

  test('the network interface of operator mode', () => {
    const networkInterface = { macvlan: { master: 'eth9', mode: MacvlanMode.VEPA } };
    const cluster = new EgressRouterCluster('okd', { mode: RouterMode.operator({ networkInterface }) });
    const of = newChart();
    new EgressRouter(of, 'db', { ...OPERATOR, cluster, mode: RouterMode.operator({ networkInterface: {} }) });
    expect(only(synth(of), 'EgressRouter').spec.networkInterface).toEqual({ macvlan: { mode: 'Bridge' } });
  });
});

test('an ignored default leaves the others, and a value of its own wins over it', () => {
  const ofCluster = { link: Link.macvlan({ parentInterface: 'eth1', mtu: 1400 }), connectionsPerClient: 9 };
  const config = (own: StandaloneRouterOptions) =>
    JSON.parse(only(synthIn(ofCluster, own), 'NetworkAttachmentDefinition').spec.config);
  const ignoreDefaults = [ClusterDefault.MTU, ClusterDefault.CONNECTIONS_PER_CLIENT];
  const { interfaceArgs, connectionsPerClient } = config({ ignoreDefaults, connectionsPerClient: 20 });
  expect(interfaceArgs).toEqual({ mode: 'bridge', master: 'eth1' });
  expect(connectionsPerClient).toBe(20);
});

test.each<[unknown, string]>([
  ['mtu', 'mode.ignoreDefaults: "mtu" is not a list; accepted: a list of ClusterDefault'],
  [
    ['link.mtus'],
    'mode.ignoreDefaults[0]: "link.mtus" is not known (did you mean "link.mtu"?); accepted: dockerRegistryAuth',
  ],
])('%j is not a list of defaults', (ignoreDefaults, message) => {
  const mode = RouterMode.standalone({ image: IMAGE, ignoreDefaults: ignoreDefaults as ClusterDefault[] });
  expect(errorsOf({ ...STANDALONE, mode })).toEqual([expect.stringContaining(message)]);
});

test('a cluster has no defaults to ignore', () => {
  const mode = RouterMode.standalone({ ignoreDefaults: [ClusterDefault.MTU] });
  expect(() => new EgressRouterCluster('prod', { mode })).toThrow(
    'mode.ignoreDefaults: ["link.mtu"] has no defaults to ignore in a cluster; accepted: ignoreDefaults in the mode of one router',
  );
});
