import { App, Chart } from 'cdk8s';
import * as kplus from 'cdk8s-plus-28';
import {
  EgressRouter,
  EgressRouterCluster,
  EgressRouterPlugin,
  type EgressRouterProps,
  Link,
  RouterMode,
  type StandaloneRouterOptions,
} from '../../src';
import { decodeNetworkConfig } from '../../src/domain';
import { decodeServeConfig } from '../../src/domain/router/serve-config';
import {
  type Manifest,
  newChart,
  only,
  STANDALONE,
  standalone,
  synth,
  synthErrors,
  synthRouter,
} from '../support/synth';

/** Changes of the good standalone router. */
type Changes = Partial<EgressRouterProps> & StandaloneRouterOptions;

const V4 = { ip: '192.168.12.99/24', gateway: '192.168.12.1' };
const V6 = { ip: '2001:db8:12::99/64', gateway: 'fe80::1' };
const { TCP } = kplus.Protocol;
const OTHER = [{ port: 8443, protocol: TCP, destinationIp: '203.0.113.28', targetPort: 444 }];

function containerOf(manifests: Manifest[]): Manifest {
  return only(manifests, 'Deployment').spec.template.spec.containers[0];
}

function argsOf(changes: Changes): string[] {
  return containerOf(synthRouter(standalone(changes))).args;
}

function hashOf(manifests: Manifest[]): string {
  return only(manifests, 'Deployment').spec.template.metadata.annotations['cdk8s-egress-router/network-config-hash'];
}

describe("the process' arguments", () => {
  test('are the router and its configuration, without the rules', () => {
    const [verb, router, config, ...rest] = argsOf({});
    expect([verb, router, rest]).toEqual(['serve', '--router=egress/db', []]);
    const given = JSON.parse(config!.replace(/^--config=/, ''));
    expect(given).toMatchObject({ mac: 'e2:65:c0:a8:0c:63', healthPort: 9180 });
    expect(given.ip).toEqual({ addresses: ['192.168.12.99/24'], gateway: '192.168.12.1', destinations: [] });
    expect(decodeServeConfig(given).addresses).toHaveLength(1);
  });

  test('hold a destination where no gateway can be asked, also one that was added later', () => {
    const chart = newChart();
    const router = new EgressRouter(chart, 'db', {
      ...STANDALONE,
      addresses: [{ ip: '192.168.12.99/24' }],
      redirectRules: [],
    });
    router.addRedirectRule({ port: 443, protocol: TCP, destinationIp: '192.168.12.26' });
    router.addRedirectRule({ port: 444, protocol: TCP, destinationIp: '192.168.12.27' });
    const config = JSON.parse(containerOf(synth(chart)).args[2].replace('--config=', ''));
    expect(config.ip.destinations).toEqual(['443 TCP 192.168.12.26']);
  });

  test('have the name alone where the namespace is not known', () => {
    const chart = new Chart(new App(), 'prod');
    new EgressRouter(chart, 'db', STANDALONE);
    expect(containerOf(synth(chart)).args[1]).toBe('--router=db');
  });

  test('name each feature', () => {
    expect(argsOf({ ruleMetrics: true }).slice(3)).toEqual(['--rule-metrics']);
    expect(argsOf({ watchConflicts: true }).slice(3)).toEqual(['--watch-conflicts']);
    expect(argsOf({ liveRules: true, ruleMetrics: true, watchConflicts: true })).toEqual([
      'serve',
      '--router=egress/db',
      expect.stringMatching(/^--config=\{.*\}$/),
      '--config-file=/etc/egress-router/config.json',
      '--live-rules',
      '--rule-metrics',
      '--watch-conflicts',
    ]);
  });
});

describe('live rules', () => {
  const LIVE = standalone({ liveRules: true });

  test('come from a ConfigMap that says what the network says', () => {
    const manifests = synthRouter({ ...LIVE, fallbackIp: '203.0.113.27' });
    expect(manifests.map(({ kind }) => kind)).toEqual([
      'NetworkAttachmentDefinition',
      'ConfigMap',
      'NetworkPolicy',
      'Deployment',
      'Service',
    ]);
    const configMap = only(manifests, 'ConfigMap');
    expect(configMap.metadata).toMatchObject({ name: 'db', namespace: 'egress' });
    expect(configMap.immutable).not.toBe(true);
    expect(configMap.data).toEqual({
      'config.json': only(manifests, 'NetworkAttachmentDefinition').spec.config,
    });
    expect(decodeNetworkConfig(JSON.parse(configMap.data['config.json'])).rules).toHaveLength(1);
  });

  test.each<[string, typeof V4 | { ip: string }]>([
    ['with a gateway', V4],
    ['without a gateway', { ip: V4.ip }],
  ])('are none of the arguments, so that the process of a router %s starts without the file', (_, address) => {
    const props = { ...LIVE, addresses: [address], redirectRules: [{ ...OTHER[0]!, destinationIp: '192.168.12.26' }] };
    const manifests = synthRouter({ ...props, fallbackIp: '192.168.12.27' });
    const { destinations, fallbackIP, ...ip } = JSON.parse(only(manifests, 'ConfigMap').data['config.json']).ip;
    expect([destinations, fallbackIP]).toEqual([['8443 TCP 192.168.12.26 444'], '192.168.12.27']);
    const [, , config, file] = containerOf(manifests).args as string[];
    const given = JSON.parse(config!.replace('--config=', ''));
    expect(given.ip).toEqual({ ...ip, destinations: [] });
    expect({ ...given, ip: undefined }).toEqual({
      ...JSON.parse(only(manifests, 'ConfigMap').data['config.json']),
      ip: undefined,
    });
    expect(file).toBe('--config-file=/etc/egress-router/config.json');
  });

  test('are mounted as a folder, to which kubelet brings changes, and not to be written to', () => {
    const { spec } = only(synthRouter(LIVE), 'Deployment').spec.template;
    expect(spec.volumes).toEqual([{ name: 'config', configMap: { name: 'db' } }]);
    expect(spec.containers[0].volumeMounts).toEqual([
      { name: 'config', mountPath: '/etc/egress-router', readOnly: true },
    ]);
  });

  test.each<[string, Partial<EgressRouterProps>, string[]]>([
    ['a destination', { redirectRules: OTHER }, ['NetworkAttachmentDefinition', 'ConfigMap']],
    [
      'a rule more',
      { redirectRules: [...OTHER, { port: 25, protocol: TCP, destinationIp: '203.0.113.25' }] },
      ['NetworkAttachmentDefinition', 'ConfigMap', 'Service'],
    ],
    ['a fallback', { fallbackIp: '203.0.113.27' }, ['NetworkAttachmentDefinition', 'ConfigMap']],
  ])('%s changes the network, the ConfigMap and the ports, and no pod', (_, change, kinds) => {
    const [before, after] = [synthRouter(LIVE), synthRouter({ ...LIVE, ...change })];
    const changed = after.filter((object, index) => JSON.stringify(object) !== JSON.stringify(before[index]));
    expect(changed.map(({ kind }) => kind)).toEqual(kinds);
    expect(hashOf(synthRouter({ ...STANDALONE, ...change }))).not.toBe(hashOf(synthRouter(STANDALONE)));
  });

  test.each<[string, Changes]>([
    ['the address', { addresses: [{ ...V4, ip: '192.168.12.98/24' }] }],
    ['the gateway', { addresses: [{ ...V4, gateway: '192.168.12.2' }] }],
    ['the MAC address', { link: Link.macvlan({ macAddress: '02:00:5e:10:00:01' }) }],
    ['the parent interface', { link: Link.macvlan({ parentInterface: 'eth1' }) }],
    ['the health port', { healthPort: 9181 }],
    ['the number of announcements', { announcements: 5 }],
    ['the counters', { ruleMetrics: true }],
  ])('%s is the business of ADD, and rolls the pod', (_, change) => {
    expect(hashOf(synthRouter(standalone({ liveRules: true, ...change })))).not.toBe(hashOf(synthRouter(LIVE)));
  });

  test('a second synth has the same bytes', () => {
    expect(synthRouter(LIVE)).toEqual(synthRouter(LIVE));
    const router = new EgressRouter(newChart(), 'db', LIVE);
    expect(router.standalone?.configMap?.name).toBe('db');
    expect(new EgressRouter(newChart(), 'db', STANDALONE).standalone?.configMap).toBeUndefined();
  });

  test('are in the wave of the network', () => {
    const wave = 'argocd.argoproj.io/sync-wave';
    const manifests = synthRouter(standalone({ liveRules: true, argoCdSyncWave: 3, monitoring: {} }));
    expect(manifests.map(({ kind, metadata }) => `${kind} ${metadata.annotations[wave]}`)).toEqual([
      'NetworkAttachmentDefinition 2',
      'ConfigMap 2',
      'NetworkPolicy 3',
      'Deployment 3',
      'PodMonitor 3',
      'PrometheusRule 3',
      'Service 3',
    ]);
  });

  test('more than a ConfigMap holds are refused, with their number', () => {
    // Each port once for IPv4 and once for IPv6, with the longest words.
    const rulesOf = (count: number) =>
      Array.from({ length: count }, (_unused, index) => ({
        port: 65_535 - (index >> 1),
        protocol: 'SCTP' as kplus.Protocol,
        destinationIp: index % 2 === 0 ? '203.0.113.126' : `2001:db8:1111:2222:3333:4444:5555:6666`,
        targetPort: 50_443,
      }));
    const errorsOf = (count: number, liveRules: boolean) => {
      const chart = newChart();
      new EgressRouter(chart, 'db', standalone({ addresses: [V4, V6], redirectRules: rulesOf(count), liveRules }));
      jest.spyOn(console, 'error').mockImplementation(() => {});
      const errors = synthErrors(chart);
      jest.restoreAllMocks();
      return errors;
    };
    const tooMany = errorsOf(21_000, true);
    expect(tooMany).toEqual([
      expect.stringMatching(
        /^\[prod\/db\] redirectRules: 21000 rules make a configuration of \d{7} bytes, which the ConfigMap of liveRules cannot hold; accepted: fewer rules, of at most 1048576 bytes together, or no liveRules$/,
      ),
    ]);
    const bytes = Number(/of (\d+) bytes/.exec(tooMany[0]!)![1]);
    // All entries of a family are of one length.
    const fits = Math.floor(21_000 - (bytes - 1_048_576) / (bytes / 21_000) - 20);
    expect(errorsOf(fits, true)).toEqual([]);
    expect(errorsOf(fits + 40, true)).toHaveLength(1);
    expect(errorsOf(21_000, false)).toEqual([]);
  });
});

test('metrics of rules make the kernel count', () => {
  const counters = (changes: Changes) =>
    JSON.parse(only(synthRouter(standalone(changes)), 'NetworkAttachmentDefinition').spec.config).counters;
  expect(counters({ ruleMetrics: true })).toBe(true);
  expect(counters({ liveRules: true, watchConflicts: true })).toBeUndefined();
});

describe('the security context', () => {
  test.each<[string, Changes, string[]]>([
    ['live rules', { liveRules: true }, ['NET_ADMIN']],
    ['metrics of rules', { ruleMetrics: true }, ['NET_ADMIN']],
    ['both', { liveRules: true, ruleMetrics: true }, ['NET_ADMIN']],
    ['a watch for conflicts', { watchConflicts: true }, ['NET_RAW']],
    ['all', { liveRules: true, ruleMetrics: true, watchConflicts: true }, ['NET_ADMIN', 'NET_RAW']],
  ])('%s: root with what is needed, and nothing else', (_, props, add) => {
    const { spec } = only(synthRouter(standalone(props)), 'Deployment').spec.template;
    expect(spec.containers[0].securityContext).toEqual({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'], add },
      privileged: false,
      readOnlyRootFilesystem: true,
      runAsUser: 0,
      runAsGroup: 0,
      runAsNonRoot: false,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(spec.securityContext.runAsNonRoot).toBe(false);
  });

  test('switches that are off ask for nothing', () => {
    const off = { liveRules: false, ruleMetrics: false, watchConflicts: false };
    expect(synthRouter(standalone(off))).toEqual(synthRouter(STANDALONE));
  });
});

describe('a namespace that refuses root', () => {
  const namespace = (scope: Chart, labels: Record<string, string>, name = 'egress') =>
    new kplus.Namespace(scope, 'Namespace', { metadata: { name, labels } });
  const enforce = (level: string) => ({ 'pod-security.kubernetes.io/enforce': level });
  const ALL = { liveRules: true, ruleMetrics: true, watchConflicts: true };

  test.each(['restricted', 'baseline'])('%s is found in the app, and each feature says so', (level) => {
    const app = new App();
    namespace(new Chart(app, 'namespace'), enforce(level));
    const chart = new Chart(app, 'prod', { namespace: 'egress' });
    new EgressRouter(chart, 'db', standalone(ALL));
    const refusal = (feature: string, capability: string) =>
      `[prod/db] mode.${feature}: true needs root and the capability ${capability}, which namespace "egress" refuses: [namespace/Namespace/Resource] ` +
      `enforces the Pod Security level "${level}"; accepted: a namespace with the label pod-security.kubernetes.io/enforce: privileged, or no ${feature}`;
    expect(synthErrors(chart)).toEqual([
      refusal('liveRules', 'NET_ADMIN'),
      refusal('ruleMetrics', 'NET_ADMIN'),
      refusal('watchConflicts', 'NET_RAW'),
    ]);
  });

  test.each<[string, Record<string, string>, string, Changes]>([
    ['admits privileged pods', enforce('privileged'), 'egress', ALL],
    ['only warns', { 'pod-security.kubernetes.io/warn': 'restricted' }, 'egress', ALL],
    ["is not the router's", enforce('restricted'), 'other', ALL],
    ['holds a router without a capability', enforce('restricted'), 'egress', {}],
  ])('one that %s is in order', (_, labels, name, features) => {
    const app = new App();
    namespace(new Chart(app, 'namespace'), labels, name);
    const chart = new Chart(app, 'prod', { namespace: 'egress' });
    new EgressRouter(chart, 'db', standalone(features));
    expect(synthErrors(chart)).toEqual([]);
  });

  test('one of another cluster says nothing', () => {
    const app = new App();
    const cluster = (name: string) => new EgressRouterCluster(name, { mode: RouterMode.standalone() });
    const there = new Chart(app, 'there', { namespace: 'egress' });
    namespace(there, enforce('restricted'));
    new EgressRouter(there, 'db', { ...STANDALONE, cluster: cluster('there') });
    const here = new Chart(app, 'here', { namespace: 'egress' });
    new EgressRouter(here, 'db', standalone({ ...ALL, cluster: cluster('here') }));
    expect(synthErrors(here)).toEqual([]);
    new EgressRouterPlugin(there, 'plugin', {
      cluster: cluster('there'),
      image: 'x',
      metadata: { namespace: 'plugin' },
    });
    const addresses = [{ ...V4, ip: '192.168.12.98/24' }];
    new EgressRouter(there, 'live', standalone({ addresses, cluster: cluster('there'), liveRules: true }));
    expect(synthErrors(there)).toEqual([expect.stringContaining('[there/live] mode.liveRules: true needs root')]);
  });
});
