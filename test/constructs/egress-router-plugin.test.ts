import { ApiObject, App, Chart, JsonPatch } from 'cdk8s';
import { Namespace, Secret } from 'cdk8s-plus-28';
import {
  ClusterDefault,
  EgressRouter,
  EgressRouterCluster,
  EgressRouterPlugin,
  type EgressRouterPluginProps,
  NodeFlavour,
  RouterMode,
} from '../../src';
import { EGRESS_ROUTER_PLUGIN_KEYS } from '../../src/constructs/plugin/egress-router-plugin-props';
import { type Manifest, newChart, only, STANDALONE, standalone, synth, synthErrors } from '../support/synth';

const IMAGE = 'registry.example.com/egress-router:1';

function synthPlugin(props: EgressRouterPluginProps = {}): Manifest[] {
  const chart = newChart();
  new EgressRouterPlugin(chart, 'plugin', { image: IMAGE, ...props });
  return synth(chart);
}

/** The issues of a plugin whose props no compiler has checked. */
function errorsOf(props: object, id = 'plugin'): string[] {
  const chart = newChart();
  new EgressRouterPlugin(chart, id, { image: IMAGE, ...props } as EgressRouterPluginProps);
  return synthErrors(chart);
}

const podSpec = (props?: EgressRouterPluginProps) => only(synthPlugin(props), 'DaemonSet').spec.template.spec;
const mounts = (props?: EgressRouterPluginProps) => podSpec(props).containers[0].volumeMounts;

test('its default child is the DaemonSet', () => {
  const chart = newChart();
  const plugin = new EgressRouterPlugin(chart, 'plugin', { image: IMAGE });
  expect(plugin.node.defaultChild).toBe(plugin.daemonSet);
  ApiObject.of(plugin).addJsonPatch(JsonPatch.replace('/spec/template/spec/priorityClassName', 'x'));
  expect(only(synth(chart), 'DaemonSet').spec.template.spec.priorityClassName).toBe('x');
});

test('one installer on every Linux node, whatever its taints, and first among those that are evicted last', () => {
  expect(podSpec()).toMatchObject({
    tolerations: [{ operator: 'Exists' }],
    nodeSelector: { 'kubernetes.io/os': 'linux' },
    priorityClassName: 'system-node-critical',
    hostNetwork: true,
    dnsPolicy: 'Default',
    enableServiceLinks: false,
    automountServiceAccountToken: false,
  });
});

test('a rollout takes one node after the other, and never two pods on one', () => {
  const { updateStrategy } = only(synthPlugin(), 'DaemonSet').spec;
  expect(updateStrategy).toEqual({ type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } });
});

test('root, with three capabilities and no other privilege', () => {
  expect(podSpec().containers[0].securityContext).toEqual({
    runAsUser: 0,
    runAsGroup: 0,
    runAsNonRoot: false,
    privileged: false,
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'], add: ['SYS_CHROOT', 'SYS_ADMIN', 'NET_ADMIN'] },
    seccompProfile: { type: 'RuntimeDefault' },
    seLinuxOptions: { type: 'spc_t' },
  });
});

test('readiness is the question whether the file is there and STATUS is OK', () => {
  const [{ args, readinessProbe }] = podSpec().containers;
  const install = ['install', '--cni-bin-dir=/opt/cni/bin', '--plugin-name=egress-router', '--node-root=/host'];
  expect(args).toEqual([...install, '--watch']);
  expect(readinessProbe.exec.command).toEqual(['/egress-router', ...install, '--check']);
});

test.each([
  [NodeFlavour.KUBERNETES, '/opt/cni/bin'],
  [NodeFlavour.OKD, '/var/lib/cni/bin'],
  [NodeFlavour.K3S, '/var/lib/rancher/k3s/data/cni'],
  [NodeFlavour.RKE2, '/opt/cni/bin'],
])('on %s the plugin goes to %s, and only that may be written', (nodeFlavour, path) => {
  const props = { nodeFlavour, pluginName: 'reserved-egress' };
  expect(mounts(props)).toEqual([
    { mountPath: '/host', name: 'node-root', readOnly: true, recursiveReadOnly: 'IfPossible' },
    { mountPath: path, name: 'cni-bin' },
  ]);
  expect(podSpec(props).volumes).toEqual([
    { name: 'node-root', hostPath: { path: '/', type: 'Directory' } },
    { name: 'cni-bin', hostPath: { path, type: 'Directory' } },
  ]);
  expect(podSpec(props).containers[0].args).toContain(`--cni-bin-dir=${path}`);
});

test('another directory, parent interface and set of nodes', () => {
  const props = { cniBinDirectory: '/usr/libexec/cni', parentInterface: 'bond0.12', nodeLabels: { zone: 'dmz' } };
  expect(mounts(props)[1]).toEqual({ mountPath: '/usr/libexec/cni', name: 'cni-bin' });
  expect(podSpec(props).containers[0].args).toContain('--master=bond0.12');
  expect(podSpec(props).nodeSelector).toEqual({ 'kubernetes.io/os': 'linux', zone: 'dmz' });
});

test('on OKD, its account may use the privileged constraints', () => {
  const manifests = synthPlugin({ nodeFlavour: NodeFlavour.OKD, pluginName: 'reserved-egress' });
  expect(manifests.map(({ kind }) => kind)).toEqual(['ServiceAccount', 'RoleBinding', 'DaemonSet']);
  expect(only(manifests, 'RoleBinding')).toMatchObject({
    roleRef: { kind: 'ClusterRole', name: 'system:openshift:scc:privileged' },
    subjects: [{ kind: 'ServiceAccount', name: 'plugin', namespace: 'egress' }],
  });
  expect(only(manifests, 'DaemonSet').spec.template.spec.serviceAccountName).toBe('plugin');
  expect(synthPlugin().map(({ kind }) => kind)).toEqual(['DaemonSet']);
});

test('uninstalling is another question and another deed of the same DaemonSet', () => {
  const [{ args, readinessProbe }] = podSpec({ uninstall: true }).containers;
  expect(args.slice(-2)).toEqual(['--uninstall', '--watch']);
  expect(readinessProbe.exec.command.slice(-2)).toEqual(['--uninstall', '--check']);
});

test("image and plugin name are the cluster's, unless it says otherwise", () => {
  const cluster = new EgressRouterCluster('prod', {
    mode: RouterMode.standalone({ image: IMAGE, pluginName: 'reserved-egress' }),
  });
  const chart = newChart();
  const plugin = new EgressRouterPlugin(chart, 'plugin', { cluster });
  const other = new EgressRouterPlugin(chart, 'other', { cluster, image: 'mirror/e:1', pluginName: 'egress-2' });
  expect([plugin.pluginName, other.pluginName]).toEqual(['reserved-egress', 'egress-2']);
  expect(synth(chart).map(({ spec }) => spec.template.spec.containers[0].image)).toEqual([IMAGE, 'mirror/e:1']);
});

test('pull policy, secret and resources are the given ones', () => {
  const chart = newChart();
  const secret = Secret.fromSecretName(chart, 'Credentials', 'registry');
  new EgressRouterPlugin(chart, 'plugin', { image: IMAGE, dockerRegistryAuth: secret });
  expect(only(synth(chart), 'DaemonSet').spec.template.spec.imagePullSecrets).toEqual([{ name: 'registry' }]);
  expect(podSpec().containers[0]).toMatchObject({
    imagePullPolicy: 'IfNotPresent',
    resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '512Mi' } },
  });
});

test('the credentials of its cluster are ignored where it says so, and no other default', () => {
  const chart = newChart();
  const dockerRegistryAuth = Secret.fromSecretName(chart, 'Credentials', 'registry');
  const cluster = new EgressRouterCluster('prod', {
    mode: RouterMode.standalone({ image: IMAGE, dockerRegistryAuth }),
  });
  new EgressRouterPlugin(chart, 'plugin', { cluster });
  new EgressRouterPlugin(chart, 'mirror', {
    ...{ cluster, image: 'mirror/e:1', pluginName: 'egress-2' },
    ignoreDefaults: [ClusterDefault.DOCKER_REGISTRY_AUTH],
  });
  const secrets = synth(chart).map(({ spec }) => spec.template.spec.imagePullSecrets);
  expect(secrets).toEqual([[{ name: 'registry' }], undefined]);
  expect(errorsOf({ ignoreDefaults: [ClusterDefault.RESOURCES] })).toEqual([
    '[prod/plugin] ignoreDefaults[0]: "resources" is not known; accepted: dockerRegistryAuth',
  ]);
});

test('labels of its own: no Service of a router selects it, and its selector follows from its name alone', () => {
  const chart = newChart();
  new EgressRouter(chart, 'db', STANDALONE);
  new EgressRouterPlugin(chart, 'db-plugin', { image: IMAGE, metadata: { name: 'db', labels: { team: 'net' } } });
  const manifests = synth(chart);
  const { metadata, spec } = only(manifests, 'DaemonSet');
  expect(metadata.labels).toMatchObject({ team: 'net', 'app.kubernetes.io/instance': 'db' });
  expect(spec.selector.matchLabels).toEqual({
    'app.kubernetes.io/name': 'egress-router-plugin',
    'app.kubernetes.io/instance': 'db',
  });
  const { selector } = only(manifests, 'Service').spec;
  const matches = Object.entries(selector).every(([key, value]) => spec.template.metadata.labels[key] === value);
  expect(matches).toBe(false);
});

test('no zero value is written that the API server would drop', () => {
  const { spec } = only(synthPlugin(), 'DaemonSet');
  expect(spec).not.toHaveProperty('minReadySeconds');
  expect(spec.template.spec).not.toHaveProperty('setHostnameAsFQDN');
});

describe('bad input', () => {
  test.each([
    ['no image', { image: undefined }, 'image: (nothing) is missing', 'the EgressRouterCluster'],
    ['an image with a space', { image: 'a b' }, 'image: "a b" is not the name of an image', 'the EgressRouterCluster'],
    ['an image that is empty', { image: '' }, 'image: "" is empty', 'the EgressRouterCluster'],
    ['a plugin name', { pluginName: '../x' }, 'pluginName: "../x" is not the name of a plugin', 'at most 64'],
    ["OKD's own plugin", { nodeFlavour: 'okd' }, 'pluginName: "egress-router" is the name of OKD\'s own', 'another'],
    ['a flavour', { nodeFlavour: 'talos' }, 'nodeFlavour: "talos" is not known', 'kubernetes, okd, k3s, rke2'],
    ['a relative directory', { cniBinDirectory: 'opt' }, 'cniBinDirectory: "opt" is not such a path', '/opt/cni/bin'],
    ['the root directory', { cniBinDirectory: '/' }, 'cniBinDirectory: "/" is not such a path', '/opt/cni/bin'],
    ['a way up', { cniBinDirectory: '/a/../b' }, 'cniBinDirectory: "/a/../b" is not such a path', '/opt/cni/bin'],
    ['an interface', { parentInterface: 'a/b' }, 'parentInterface: "a/b" is not an interface', 'network interface'],
    ['a label', { nodeLabels: { zone: 1 } }, 'nodeLabels.zone: 1 is not a string', 'a label value'],
    ['labels that are none', { nodeLabels: 'zone' }, 'nodeLabels: "zone" is not an object', 'an object'],
    [
      'nodes of another system',
      { nodeLabels: { 'kubernetes.io/os': 'windows' } },
      'nodeLabels."kubernetes.io/os": "windows" is not a system',
      'linux',
    ],
    ['metadata that is text', { metadata: 'plugin' }, 'metadata: "plugin" is not an object', 'an object'],
    ['a switch', { uninstall: 'yes' }, 'uninstall: "yes" is not a boolean', 'true or false'],
    ['a cluster', { cluster: 'prod' }, 'cluster: "prod" is not a cluster', 'an EgressRouterCluster'],
    ['a name', { metadata: { name: 'A' } }, 'metadata.name: "A" is not such a name', 'DNS-1123'],
    ['a key', { nodeFlavor: 'okd' }, 'nodeFlavor: "okd" is an unknown key (did you', 'nodeFlavour'],
    ['a pull policy', { imagePullPolicy: 'Often' }, 'imagePullPolicy: "Often" is not known', 'IfNotPresent'],
  ])('%s', (_what, props, begins, accepted) => {
    const [line, ...others] = errorsOf(props);
    expect(others).toEqual([]);
    expect(line).toContain(`[prod/plugin] ${begins}`);
    expect(line!.split('accepted: ')[1]).toContain(accepted);
  });

  test('an id that is not a name is refused', () =>
    expect(errorsOf({}, 'Plugin')).toEqual([expect.stringContaining('id: "Plugin" is not such a name')]));

  test('on OKD, no namespace', () => {
    const chart = new Chart(new App(), 'prod');
    new EgressRouterPlugin(chart, 'plugin', { image: IMAGE, nodeFlavour: NodeFlavour.OKD, pluginName: 'x' });
    expect(synthErrors(chart)).toEqual([expect.stringContaining('metadata.namespace: (nothing) is missing')]);
  });

  test.each([
    ['restricted', true],
    ['baseline', true],
    ['privileged', false],
  ])('a namespace of the app that enforces %s: %p', (level, isRefused) => {
    const app = new App();
    const labels = { 'pod-security.kubernetes.io/enforce': level };
    new Namespace(new Chart(app, 'namespace'), 'Namespace', { metadata: { name: 'plugins', labels } });
    const chart = new Chart(app, 'prod', { namespace: 'plugins' });
    new EgressRouterPlugin(chart, 'plugin', { image: IMAGE });
    const refusal =
      `[prod/plugin] metadata.namespace: "plugins" refuses the plugin's privileged pods: [namespace/Namespace/Resource] enforces the ` +
      `Pod Security level "${level}"; accepted: a namespace with the label pod-security.kubernetes.io/enforce: privileged`;
    expect(synthErrors(chart)).toEqual(isRefused ? [refusal] : []);
  });

  test("a cluster that is not the chart's", () => {
    const chart = newChart();
    const cluster = (name: string) => new EgressRouterCluster(name, { mode: RouterMode.standalone() });
    new EgressRouter(chart, 'db', { ...STANDALONE, cluster: cluster('prod') });
    new EgressRouterPlugin(chart, 'plugin', { image: IMAGE, cluster: cluster('test') });
    expect(synthErrors(chart)).toEqual([expect.stringContaining('cluster: "test" is not the cluster of [prod/db]')]);
  });

  test('two for one file on one node, in whatever charts; not for other nodes, files or clusters', () => {
    const app = new App();
    const add = (id: string, props: EgressRouterPluginProps = {}) =>
      new EgressRouterPlugin(new Chart(app, `chart-${id}`), id, { image: IMAGE, ...props });
    const dmz = { nodeLabels: { zone: 'dmz' } };
    add('dmz', dmz);
    add('lan', { nodeLabels: { zone: 'lan' } });
    add('other', { pluginName: 'egress-2' });
    add('elsewhere', { cluster: new EgressRouterCluster('elsewhere') });
    expect(synthErrors(Chart.of(app.charts[0]!))).toEqual([]);
    add('again', dmz);
    expect(synthErrors(Chart.of(app.charts[0]!))).toEqual([
      expect.stringContaining('[chart-dmz/dmz] pluginName: "egress-router" is installed by [chart-again/again]'),
      expect.stringContaining('[chart-again/again] pluginName: "egress-router" is installed by [chart-dmz/dmz]'),
    ]);
  });
});

describe('a router whose plugin the app does not install', () => {
  /** What is printed about two routers, one of them with another plugin than its cluster's. */
  function warnings(plugin: EgressRouterPluginProps | undefined, clusterOfPlugin = 'prod'): unknown[] {
    const printed = jest.spyOn(console, 'error').mockImplementation(() => {});
    const cluster = (name: string) =>
      new EgressRouterCluster(name, { mode: RouterMode.standalone({ pluginName: 'egress-cdk8s' }) });
    const chart = newChart();
    new EgressRouter(chart, 'db', { ...STANDALONE, cluster: cluster('prod') });
    const addresses = [{ ip: '192.168.12.98/24', gateway: '192.168.12.1' }];
    new EgressRouter(chart, 'old', standalone({ addresses, pluginName: 'egress-router', cluster: cluster('prod') }));
    const props = { image: IMAGE, ...plugin, cluster: cluster(clusterOfPlugin) };
    if (plugin !== undefined) new EgressRouterPlugin(new Chart(chart.node.root, 'nodes'), 'plugin', props);
    expect(synthErrors(chart)).toEqual([]);
    const texts = printed.mock.calls.map(([text]) => text);
    printed.mockRestore();
    return texts;
  }

  test('is a warning that names both plugins', () => {
    expect(warnings({})).toEqual([
      '[warning] [prod/old] mode.pluginName: "egress-router" is not what the app installs on cluster "prod": "egress-cdk8s"',
    ]);
  });

  test('is a warning where the app removes that plugin', () => {
    expect(warnings({ uninstall: true })).toEqual([
      `[warning] [prod/db] mode.pluginName: "egress-cdk8s" is removed from the nodes by [nodes/plugin], and the router's pod can neither start nor end without it`,
    ]);
    expect(warnings({ uninstall: true, pluginName: 'third' })).toEqual([]);
  });

  test.each<[string, EgressRouterPluginProps | undefined, string]>([
    ['nothing is installed', undefined, 'prod'],
    ['another cluster has one', {}, 'test'],
  ])('nothing is said where %s', (_what, plugin, cluster) => expect(warnings(plugin, cluster)).toEqual([]));
});

test('every prop has a reader', () => {
  const props: Required<EgressRouterPluginProps> = {
    metadata: {},
    cluster: new EgressRouterCluster('prod'),
    image: IMAGE,
    imagePullPolicy: 'Always' as never,
    dockerRegistryAuth: { name: 'registry' } as never,
    ignoreDefaults: [],
    resources: {},
    pluginName: 'x',
    nodeFlavour: NodeFlavour.K3S,
    cniBinDirectory: '/opt/cni/bin',
    parentInterface: 'eth1',
    nodeLabels: {},
    uninstall: false,
  };
  expect(Object.keys(props).sort()).toEqual([...EGRESS_ROUTER_PLUGIN_KEYS].sort());
  expect(errorsOf(props)).toEqual([]);
});

test('a second installer is found, also when another copy of the library made it', () => {
  const chart = newChart();
  new EgressRouterPlugin(chart, 'one', { image: IMAGE });
  jest.isolateModules(() => {
    const { EgressRouterPlugin: OfCopy } = require('../../src') as typeof import('../../src');
    expect(OfCopy).not.toBe(EgressRouterPlugin);
    new OfCopy(chart, 'two', { image: IMAGE });
  });
  expect(synthErrors(chart)).toEqual(
    ['one', 'two'].map((other) => expect.stringContaining(`is installed by [prod/${other}] as well`)).reverse(),
  );
});
