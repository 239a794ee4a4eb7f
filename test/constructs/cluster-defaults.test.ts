import { App, Chart, Duration } from 'cdk8s';
import {
  EgressRouter,
  EgressRouterCluster,
  type EgressRouterClusterProps,
  type EgressRouterProps,
  Link,
  RouterMode,
  RouterModeKind,
  type StandaloneRouterOptions,
} from '../../src';
import { type Manifest, newChart, OPERATOR, only, STANDALONE, synth, synthErrors, synthRouter } from '../support/synth';

let printed: jest.SpyInstance;
beforeEach(() => {
  printed = jest.spyOn(console, 'error').mockImplementation(() => {});
});
afterEach(() => printed.mockRestore());

/** The objects of a router with these options, in a cluster with those. */
function synthIn(ofCluster: StandaloneRouterOptions, own?: StandaloneRouterOptions): Manifest[] {
  const cluster = new EgressRouterCluster('prod', { mode: RouterMode.standalone({ image: 'router:1', ...ofCluster }) });
  return synthRouter({ ...OPERATOR, cluster, mode: own && RouterMode.standalone(own) });
}

const podSpec = (manifests: Manifest[]) => only(manifests, 'Deployment').spec.template.spec;
const config = (manifests: Manifest[]) => JSON.parse(only(manifests, 'NetworkAttachmentDefinition').spec.config);
const kinds = (manifests: Manifest[]) => manifests.map(({ kind }) => kind);

describe('options merge one by one', () => {
  test("a router's own mode leaves the cluster's other options in place", () => {
    const manifests = synthIn({ healthPort: 9181, announcements: 5, connectionsPerClient: 1000 }, { announcements: 7 });
    expect(podSpec(manifests).containers[0].image).toBe('router:1');
    expect(config(manifests)).toMatchObject({ healthPort: 9181, announcements: 7, connectionsPerClient: 1000 });
  });

  test('undefined and null say nothing', () => {
    const nothing = { image: undefined, announcements: null } as unknown as StandaloneRouterOptions;
    const manifests = synthIn({ announcements: 5 }, nothing);
    expect(podSpec(manifests).containers[0].image).toBe('router:1');
    expect(config(manifests)).toMatchObject({ announcements: 5 });
  });

  test('failover, member by member', () => {
    const ofCluster = { evictFromUnreachableAfter: Duration.seconds(7), conflictWait: Duration.seconds(20) };
    const manifests = synthIn({ failover: ofCluster }, { failover: { conflictWait: Duration.seconds(30) } });
    expect(podSpec(manifests).tolerations[0].tolerationSeconds).toBe(7);
    expect(config(manifests).conflictWait).toBe(30);
  });

  test('connection timeouts, member by member', () => {
    const ofCluster = { udp: Duration.seconds(30), tcpEstablished: Duration.hours(3) };
    const connectionTimeouts = { udp: Duration.seconds(20), udpStream: Duration.minutes(5) };
    const manifests = synthIn({ connectionTimeouts: ofCluster }, { connectionTimeouts });
    // What has its default is not written.
    expect(config(manifests).connectionTimeouts).toEqual({ udp: 20, tcpEstablished: 10_800 });
  });

  test('the link, member by member', () => {
    const manifests = synthIn(
      { link: Link.macvlan({ parentInterface: 'eth1', mtu: 1400 }) },
      { link: Link.macvlan({ mtu: 9000, macAddress: '02:00:00:00:00:01' }) },
    );
    expect(config(manifests)).toMatchObject({
      interfaceArgs: { mode: 'bridge', master: 'eth1', mtu: '9000' },
      mac: '02:00:00:00:00:01',
    });
  });

  test('monitoring, which a router can switch off', () => {
    const monitoring = { labels: { release: 'prometheus' } };
    expect(only(synthIn({ monitoring }), 'PodMonitor').metadata.labels).toMatchObject({ release: 'prometheus' });
    const off = kinds(synthIn({ monitoring }, { monitoring: { podMonitor: false, alerts: false } }));
    expect(off).toEqual(kinds(synthRouter(STANDALONE)));
    const rule = synthIn({ monitoring }, { monitoring: { podMonitor: false } });
    expect(only(rule, 'PrometheusRule').metadata.labels).toMatchObject({ release: 'prometheus' });
  });

  test('a feature that the cluster switches on, a router can switch off', () => {
    expect(kinds(synthIn({ liveRules: true }))).toContain('ConfigMap');
    expect(kinds(synthIn({ liveRules: true }, { liveRules: false }))).not.toContain('ConfigMap');
  });
});

test('a router in operator mode on a standalone cluster has none of its options', () => {
  const mode = RouterMode.standalone({ image: 'router:1', liveRules: true, monitoring: {}, pluginName: 'x' });
  const chart = newChart();
  const cluster = new EgressRouterCluster('prod', { mode });
  const router = new EgressRouter(chart, 'db', { ...OPERATOR, cluster, mode: RouterMode.operator() });
  expect(kinds(synth(chart))).toEqual(['EgressRouter', 'Service']);
  expect([router.standalone, router.macAddress]).toEqual([undefined, undefined]);
});

test('a standalone router on a cluster in operator mode says its image itself', () => {
  const cluster = new EgressRouterCluster('okd', {
    mode: RouterMode.operator({ networkInterface: { macvlan: { master: 'eth1' } } }),
  });
  const chart = newChart();
  const mode = RouterMode.standalone({ image: 'router:1', pluginName: 'reserved-egress' });
  const router = new EgressRouter(chart, 'db', { ...OPERATOR, cluster, mode });
  expect(config(synth(chart)).interfaceArgs).toEqual({ mode: 'bridge' });
  expect(router.mode.kind).toBe(RouterModeKind.STANDALONE);
  const incomplete = newChart();
  new EgressRouter(incomplete, 'db', { ...OPERATOR, cluster, mode: RouterMode.standalone() });
  expect(synthErrors(incomplete)).toEqual([expect.stringContaining('[prod/db] mode.image: (nothing) is missing')]);
});

describe('refused when the cluster is made', () => {
  test('the MAC address of one router', () => {
    const link = Link.macvlan({ macAddress: '02:00:00:00:00:01' });
    expect(() => new EgressRouterCluster('prod', { mode: RouterMode.standalone({ link }) })).toThrow(
      'mode.link.macAddress: "02:00:00:00:00:01" would be the MAC address of every router of the cluster; accepted: a macAddress in the mode of one router',
    );
  });

  test.each<[string, object, string]>([
    ['an unknown option', { liveRule: true }, 'mode.liveRule: true is an unknown key (did you mean'],
    ['a wrong port', { healthPort: 80 }, 'mode.healthPort: 80 is out of range'],
    ['a switch that is text', { ruleMetrics: 'yes' }, 'mode.ruleMetrics: "yes" is not a boolean'],
    ['a wrong timeout', { connectionTimeouts: { udp: 10 } }, 'mode.connectionTimeouts.udp: 10 is not a Duration'],
    ['a wrong duration', { failover: { conflictWait: 10 } }, 'mode.failover.conflictWait: 10 is not a Duration'],
    ['a wrong policy', { imagePullPolicy: 'Often' }, 'mode.imagePullPolicy: "Often" is not known'],
    ['a wrong node', { scheduling: { attract: ['a'] } }, 'mode.scheduling.attract[0]: "a" is not of that type'],
    ['a wrong label', { monitoring: { labels: { a: 1 } } }, 'mode.monitoring.labels.a: 1 is not a string'],
    [
      'a wrong interface',
      { link: Link.macvlan({ parentInterface: 'a/b' }) },
      'mode.link.parentInterface: "a/b" is not',
    ],
    ['plain options of a link', { link: { mtu: 1400 } }, 'mode.link: {"mtu":1400} is not a Link'],
  ])('%s of standalone mode', (_what, options, message) => {
    expect(() => new EgressRouterCluster('prod', { mode: RouterMode.standalone(options) })).toThrow(message);
  });

  test.each<[object, string]>([
    [{ image: 'x' }, 'mode.image: "x" is an unknown key; accepted: networkInterface'],
    [
      { networkInterface: { macvlan: { mode: 'Source' } } },
      'mode.networkInterface.macvlan.mode: "Source" is not known',
    ],
    [{ networkInterface: { ipvlan: {} } }, 'mode.networkInterface.ipvlan: {} is an unknown key'],
  ])('%j in operator mode', (options, message) => {
    expect(() => new EgressRouterCluster('prod', { mode: RouterMode.operator(options) })).toThrow(message);
  });

  test('a mode of another kind is refused', () => {
    expect(() => new EgressRouterCluster('prod', { mode: 'standalone' as never })).toThrow(
      'mode: "standalone" is not a RouterMode (did you mean RouterMode.standalone()?); accepted: RouterMode.standalone({ … }) or RouterMode.operator()',
    );
  });
});

test('the sync wave is the default of its routers', () => {
  const waves = (own?: number) => {
    const cluster = new EgressRouterCluster('prod', { argoCdSyncWave: 5 });
    const manifests = synthRouter({ ...STANDALONE, cluster, argoCdSyncWave: own });
    return manifests.map(({ metadata }) => metadata.annotations['argocd.argoproj.io/sync-wave']);
  };
  expect(waves()).toEqual(['4', '5', '5', '5']);
  expect(waves(0)).toEqual(['-1', '0', '0', '0']);
  expect(() => new EgressRouterCluster('prod', { argoCdSyncWave: 0.5 })).toThrow(
    'argoCdSyncWave: 0.5 is not an integer',
  );
});

describe("the cluster's own networks", () => {
  const networks = { podCidrs: ['10.128.0.0/14', 'fd01::/48'], serviceCidrs: ['172.30.0.0/16'] };
  const errorsIn = (props: Partial<EgressRouterProps>, given: EgressRouterClusterProps = networks) => {
    const chart = newChart();
    new EgressRouter(chart, 'db', { ...STANDALONE, cluster: new EgressRouterCluster('prod', given), ...props });
    return synthErrors(chart);
  };
  const rule = (destinationIp: string) => ({ redirectRules: [{ ...OPERATOR.redirectRules![0]!, destinationIp }] });
  const V6 = [{ ip: '2001:db8:12::99/64', gateway: 'fe80::1' }];

  test.each<[string, string, Partial<EgressRouterProps>, string]>([
    [
      'redirectRules[0].destinationIp',
      '10.131.255.255',
      rule('10.131.255.255'),
      "10.128.0.0/14, the network of the cluster's pods",
    ],
    [
      'redirectRules[0].destinationIp',
      'fd01::9',
      { ...rule('fd01::9'), addresses: V6 },
      "fd01::/48, the network of the cluster's pods",
    ],
    [
      'fallbackIp',
      '172.30.0.10',
      { fallbackIp: '172.30.0.10' },
      "172.30.0.0/16, the network of the cluster's Services",
    ],
    [
      'addresses[0].ip',
      '172.30.0.9',
      { addresses: [{ ip: '172.30.0.9/16', gateway: '172.30.0.1' }] },
      "172.30.0.0/16, the network of the cluster's Services",
    ],
  ])('%s %s is refused', (path, ip, props, network) => {
    expect(errorsIn(props)).toEqual([
      `[prod/db] ${path}: "${ip}" is in ${network}; accepted: an address outside the cluster`,
    ]);
    expect(errorsIn(props, {})).toEqual([]);
  });

  test('a rule that is added later is looked at too', () => {
    const chart = newChart();
    const cluster = new EgressRouterCluster('prod', networks);
    const router = new EgressRouter(chart, 'db', { ...STANDALONE, cluster });
    router.addRedirectRule({ ...OPERATOR.redirectRules![0]!, port: 444, destinationIp: '172.30.0.10' });
    expect(synthErrors(chart)).toEqual([
      expect.stringContaining('redirectRules[1].destinationIp: "172.30.0.10" is in'),
    ]);
  });

  test('destinations beside them are not refused', () => expect(errorsIn(rule('10.127.255.255'))).toEqual([]));

  test.each<[object, string]>([
    [{ podCidrs: '10.128.0.0/14' }, 'podCidrs: "10.128.0.0/14" is not a list'],
    [{ podCidrs: ['10.128.0.0'] }, 'podCidrs[0]: "10.128.0.0" has no prefix length'],
    [{ serviceCidrs: [7] }, 'serviceCidrs[0]: 7 is not a string'],
  ])('%j is refused when the cluster is made', (props, message) => {
    expect(() => new EgressRouterCluster('prod', props)).toThrow(message);
  });
});

describe('warnings', () => {
  const FALLBACK = { ...OPERATOR, fallbackIp: '203.0.113.27' };
  const WARNING = "fallbackIp: the operator's plugin does not read it; connections to ports without a rule are refused";

  test('are errors where the cluster says so, and are not printed', () => {
    const chart = newChart();
    const cluster = new EgressRouterCluster('prod', { warningsAsErrors: true });
    new EgressRouter(chart, 'db', { ...FALLBACK, cluster });
    expect(synthErrors(chart)).toEqual([`[prod/db] ${WARNING} (an error by warningsAsErrors of the cluster)`]);
    expect(printed).not.toHaveBeenCalled();
  });

  test('between routers are errors of one of them', () => {
    const chart = newChart();
    const cluster = new EgressRouterCluster('prod', { warningsAsErrors: true, macBudget: 1 });
    for (const octet of [11, 12]) {
      const addresses = [{ ip: `192.168.12.${octet}/24`, gateway: '192.168.12.1' }];
      new EgressRouter(chart, `r${octet}`, { ...STANDALONE, cluster, addresses });
    }
    expect(synthErrors(chart)).toEqual([
      expect.stringMatching(
        /^\[prod\/r11\] cluster "prod": 2 routers share parent interface .* \(an error by warningsAs/,
      ),
    ]);
    expect(printed).not.toHaveBeenCalled();
  });

  test('a cluster without them is in order', () => {
    const chart = newChart();
    new EgressRouter(chart, 'db', {
      ...OPERATOR,
      cluster: new EgressRouterCluster('prod', { warningsAsErrors: true }),
    });
    expect(synthErrors(chart)).toEqual([]);
  });

  test('can be read for the whole app, each with its path', () => {
    const app = new App();
    expect(EgressRouter.warningsOf(app)).toEqual([]);
    const cluster = new EgressRouterCluster('prod', { macBudget: 1 });
    const router = (chart: string, octet: number, props: EgressRouterProps) =>
      new EgressRouter(new Chart(app, chart, { namespace: chart }), 'db', {
        ...props,
        cluster,
        addresses: [{ ip: `192.168.12.${octet}/24`, gateway: '192.168.12.1' }],
      });
    router('a', 11, FALLBACK);
    const second = router('b', 12, FALLBACK);
    const expected = [
      `[a/db] ${WARNING}`,
      `[b/db] ${WARNING}`,
      expect.stringMatching(/^cluster "prod": 2 routers share parent interface/),
    ];
    expect(EgressRouter.warningsOf(app)).toEqual(expected);
    expect(EgressRouter.warningsOf(second)).toEqual(expected);
    expect(printed).not.toHaveBeenCalled();
  });
});
