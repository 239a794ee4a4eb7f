import { App, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import {
  EgressRouter,
  EgressRouterCluster,
  type EgressRouterProps,
  EgressRouterResource,
  Link,
  Platform,
  RouterMode,
  RouterModeKind,
  type StandaloneRouterOptions,
} from '../../src';
import { declaredObjects } from '../../src/constructs/declared-objects';
import type { RouterDeclaration } from '../../src/constructs/router-declaration';
import { newChart, OPERATOR, only, operator, STANDALONE, standalone, synth, synthErrors } from '../support/synth';

let printed: jest.SpyInstance;
beforeEach(() => {
  printed = jest.spyOn(console, 'error').mockImplementation(() => {});
});
afterEach(() => printed.mockRestore());

function at(octet: number, changes: Partial<EgressRouterProps> & StandaloneRouterOptions = {}): EgressRouterProps {
  return standalone({ addresses: [{ ip: `192.168.12.${octet}/24`, gateway: '192.168.12.1' }], ...changes });
}

test('its settings are those of its routers', () => {
  const cluster = new EgressRouterCluster('prod', {
    platform: Platform.VSPHERE,
    mode: RouterMode.standalone({
      pluginName: 'egress-router-cdk8s',
      image: 'registry.example.com/egress-router:2',
    }),
  });
  const chart = newChart();
  const { addresses, redirectRules } = STANDALONE;
  const router = new EgressRouter(chart, 'db', { cluster, addresses, redirectRules });
  const manifests = synth(chart);
  expect(router.mode.kind).toBe(RouterModeKind.STANDALONE);
  expect(only(manifests, 'Deployment').spec.template.spec.containers[0].image).toBe(
    'registry.example.com/egress-router:2',
  );
  expect(only(manifests, 'NetworkAttachmentDefinition').spec.config).toContain('"type": "egress-router-cdk8s"');
});

test('a router overrides its plugin and image', () => {
  const mode = RouterMode.standalone({ image: 'old', pluginName: 'old' });
  const chart = newChart();
  const cluster = new EgressRouterCluster('prod', { mode });
  new EgressRouter(chart, 'db', standalone({ cluster, image: 'new', pluginName: 'new' }));
  const manifests = synth(chart);
  expect(only(manifests, 'Deployment').spec.template.spec.containers[0].image).toBe('new');
  expect(only(manifests, 'NetworkAttachmentDefinition').spec.config).toContain('"type": "new"');
});

test.each([
  ['AWS', 'cannot carry a second MAC address: a VPC is a layer 3 network', 'BareMetal'],
  ['Azure', 'cannot carry a second MAC address: a virtual network is a layer 3 overlay', 'OpenStack'],
  ['GCP', 'cannot carry a second MAC address: the VPC answers ARP itself', 'vSphere'],
  ['IBMCloudVPC', 'cannot carry a second MAC address', 'OpenStack'],
  ['DigitalOcean', 'cannot carry a second MAC address', 'OpenStack'],
  ['HetznerCloud', 'cannot carry a second MAC address', 'OpenStack'],
  ['Exoscale', 'cannot carry a second MAC address', 'OpenStack'],
  ['Cray', 'is not known', 'OpenStack'],
  ['openstack', 'is not known', 'OpenStack'],
])('the platform %s %s', (platform, problem, accepted) => {
  const attempt = () => new EgressRouterCluster('prod', { platform: platform as Platform });
  expect(attempt).toThrow(`platform: "${platform}" ${problem}`);
  expect(attempt).toThrow(new RegExp(`; accepted: .*${accepted}`));
});

test('its own settings are checked at once', () => {
  expect(() => new EgressRouterCluster('prod', { platform: Platform.AWS, macBudget: 0 })).toThrow(
    /platform: "AWS" cannot carry a second MAC address: a VPC is a layer 3 network.*EgressIP[\s\S]*macBudget: 0 is out of range/,
  );
  expect(() => new EgressRouterCluster('prod', { mode: RouterMode.standalone({ image: 'a b' }) })).toThrow(
    'mode.image: "a b" is not the name of an image; accepted: the name of an image',
  );
  const misspelled = { macbudget: 3 } as object;
  expect(() => new EgressRouterCluster('prod', misspelled)).toThrow('(did you mean "macBudget"?)');
});

test('one name is one cluster', () => {
  const chart = newChart();
  new EgressRouter(chart, 'one', at(11, { cluster: new EgressRouterCluster('prod') }));
  new EgressRouter(chart, 'two', at(12, { cluster: new EgressRouterCluster('prod') }));
  new EgressRouter(chart, 'three', at(13, { cluster: new EgressRouterCluster('prod', { macBudget: 3 }) }));
  expect(synthErrors(chart)).toEqual([
    '[prod/three] cluster.name: "prod" is the name of another cluster in this app, with another macBudget; accepted: one EgressRouterCluster for a cluster',
  ]);
});

test.each(['', ' ', 5 as unknown as string])('%j as the name of a cluster is refused', (name) => {
  expect(() => new EgressRouterCluster(name)).toThrow(
    `name: ${JSON.stringify(name)} is not a name; accepted: a name for the cluster`,
  );
});

test('another copy of the library has the same registry', () => {
  const chart = newChart();
  new EgressRouter(chart, 'one', at(11));
  jest.isolateModules(() => {
    const copy = require('../../src') as typeof import('../../src');
    expect(copy.EgressRouter).not.toBe(EgressRouter);
    new copy.EgressRouter(chart, 'two', at(11));
  });
  expect(synthErrors(chart)).toEqual([
    expect.stringContaining('[prod/two] addresses[0].ip: "192.168.12.11/24" is also reserved by [prod/one]'),
  ]);
});

test('a router with errors of its own still claims its address', () => {
  const chart = newChart();
  new EgressRouter(chart, 'one', at(11, { link: Link.macvlan({ macAddress: 'x' }) }));
  new EgressRouter(chart, 'two', at(11));
  expect(synthErrors(chart)).toHaveLength(2);
});

test('a router that was removed claims nothing, and neither does one in a construct that was', () => {
  const chart = newChart();
  new EgressRouter(chart, 'one', at(11));
  new EgressRouter(new Construct(chart, 'team'), 'three', at(11));
  chart.node.tryRemoveChild('team');
  new EgressRouter(chart, 'two', at(11));
  chart.node.tryRemoveChild('one');
  expect(synthErrors(chart)).toEqual([]);
});

test('a rule that is added between two synths is looked at, and nothing is printed twice', () => {
  const chart = newChart();
  const router = new EgressRouter(chart, 'one', { ...OPERATOR, fallbackIp: '203.0.113.27' });
  expect(synthErrors(chart)).toEqual([]);
  router.addRedirectRule(OPERATOR.redirectRules![0]!);
  expect(synthErrors(chart)).toEqual([
    expect.stringContaining('redirects TCP port 8443 as redirectRules[0] does already'),
  ]);
  expect(printed).toHaveBeenCalledTimes(1);
});

test('operator-mode routers are on one network, whatever interface they name', () => {
  const chart = newChart();
  const on = (master: string, namespace: string) =>
    operator({ metadata: { namespace }, networkInterface: { macvlan: { master } } });
  new EgressRouter(chart, 'one', on('eth1', 'a'));
  new EgressRouter(chart, 'two', on('eth2', 'b'));
  expect(synthErrors(chart)).toEqual([expect.stringContaining('is also reserved by [prod/one]')]);
});

test('one address on a named and on an unnamed interface is a warning', () => {
  const chart = newChart();
  new EgressRouter(chart, 'one', at(11));
  new EgressRouter(chart, 'two', at(11, { link: Link.macvlan({ parentInterface: 'eth1' }) }));
  expect(synthErrors(chart)).toEqual([]);
  expect(printed.mock.calls).toEqual([
    [expect.stringMatching(/192\.168\.12\.11 is reserved by \[prod\/one\] .* and by \[prod\/two\] on eth1/)],
  ]);
});

test('a chart is for one cluster', () => {
  const chart = newChart();
  new EgressRouter(chart, 'one', at(11, { cluster: new EgressRouterCluster('prod') }));
  new EgressRouter(chart, 'two', at(12));
  expect(synthErrors(chart)).toEqual([
    expect.stringContaining(
      '[prod/two] cluster: "default" is not the cluster of [prod/one], which is in the same chart',
    ),
  ]);
});

test('routers without a cluster beside others with one are a warning', () => {
  const chart = newChart();
  new EgressRouter(chart, 'one', at(11));
  new EgressRouter(
    new Chart(chart.node.root, 'other', { namespace: 'other' }),
    'two',
    at(12, { cluster: new EgressRouterCluster('prod') }),
  );
  synth(chart);
  expect(printed.mock.calls).toEqual([
    [expect.stringContaining('some routers (1) name no cluster and others name prod')],
  ]);
});

test('the custom resource alone is a router of its namespace too', () => {
  const chart = newChart();
  new EgressRouter(chart, 'one', OPERATOR);
  new EgressRouterResource(chart, 'two', { addresses: at(12).addresses, redirectRules: OPERATOR.redirectRules });
  new EgressRouterResource(chart, 'three', {
    metadata: { namespace: 'other' },
    addresses: OPERATOR.addresses,
    redirectRules: OPERATOR.redirectRules,
  });
  expect(synthErrors(chart)).toEqual([
    expect.stringContaining('[prod/two] metadata.namespace: "egress" already holds [prod/one]'),
    expect.stringContaining('[prod/three] addresses[0].ip: "192.168.12.99/24" is also reserved by [prod/one]'),
  ]);
});

test('a PodDisruptionBudget and a NetworkPolicy count among the names', () => {
  const chart = newChart();
  const names = (router: EgressRouter) =>
    declaredObjects((router as unknown as { declaration: RouterDeclaration }).declaration);
  const router = new EgressRouter(chart, 'one', at(11, { failover: { blockDrain: true }, allowFrom: [] }));
  expect(names(router)).toEqual([
    'Service/one',
    'NetworkAttachmentDefinition/one',
    'Deployment/one',
    'NetworkPolicy/one',
    'NetworkPolicy/one-own-egress',
    'PodDisruptionBudget/one',
  ]);
});

test('a reserved address has one router, and the error names both', () => {
  const chart = newChart();
  new EgressRouter(chart, 'one', at(11));
  new EgressRouter(chart, 'two', at(11));
  expect(synthErrors(chart)).toEqual([
    expect.stringMatching(
      /^\[prod\/two\] addresses\[0\]\.ip: "192\.168\.12\.11\/24" is also reserved by \[prod\/one\]; accepted: /,
    ),
  ]);
});

test('a MAC address has one router', () => {
  const chart = newChart();
  new EgressRouter(chart, 'one', at(11));
  new EgressRouter(chart, 'two', at(12, { link: Link.macvlan({ macAddress: 'E2-65-C0-A8-0C-0B' }) }));
  expect(synthErrors(chart)).toEqual([
    expect.stringContaining(
      '[prod/two] mode.link.macAddress: "e2:65:c0:a8:0c:0b" is also the MAC address of [prod/one]',
    ),
  ]);
});

test('routers of different clusters, parent interfaces or apps do not meet', () => {
  const chart = newChart();
  new EgressRouter(chart, 'one', at(11));
  new EgressRouter(new Chart(chart.node.root, 'other'), 'two', at(11, { cluster: new EgressRouterCluster('other') }));
  new EgressRouter(chart, 'three', at(11, { link: Link.macvlan({ parentInterface: 'eth1' }) }));
  expect(synthErrors(chart)).toEqual([]);
  const again = newChart();
  new EgressRouter(again, 'one', at(11));
  expect(synthErrors(again)).toEqual([]);
});

test('routers of several charts are one cluster', () => {
  const app = new App();
  new EgressRouter(new Chart(app, 'a', { namespace: 'a' }), 'db', at(11));
  const second = new Chart(app, 'b', { namespace: 'b' });
  new EgressRouter(second, 'db', at(11));
  expect(synthErrors(second)).toEqual([
    expect.stringContaining('[b/db] addresses[0].ip: "192.168.12.11/24" is also reserved by [a/db]'),
  ]);
});

test('one operator-mode router a namespace', () => {
  const chart = newChart();
  new EgressRouter(chart, 'one', { ...OPERATOR, addresses: at(11).addresses });
  new EgressRouter(chart, 'two', { ...OPERATOR, addresses: at(12).addresses });
  new EgressRouter(chart, 'three', { ...OPERATOR, addresses: at(13).addresses, metadata: { namespace: 'other' } });
  expect(synthErrors(chart)).toEqual([
    expect.stringMatching(/^\[prod\/two\] metadata\.namespace: "egress" already holds \[prod\/one\]/),
  ]);
});

test("the operator's names are an operator-mode router too", () => {
  const chart = newChart();
  new EgressRouter(chart, 'one', at(11, { operatorNames: true }));
  new EgressRouter(chart, 'two', at(12, { operatorNames: true }));
  new EgressRouter(chart, 'three', at(13));
  expect(synthErrors(chart)).toEqual([
    expect.stringContaining('[prod/two] metadata.namespace: "egress" already holds [prod/one]'),
  ]);
});

test('names that collide are named with both routers', () => {
  const chart = newChart();
  new EgressRouter(chart, 'one', at(11));
  new EgressRouter(chart, 'two', at(12, { metadata: { name: 'one' } }));
  new EgressRouter(chart, 'three', at(13, { service: { name: 'one' } }));
  expect(synthErrors(chart)).toEqual([
    expect.stringContaining('[prod/two] metadata.name: "one" makes Service/one, which [prod/one] makes too'),
    expect.stringContaining('[prod/three] metadata.name: "three" makes Service/one, which [prod/one] makes too'),
  ]);
});

test('beside operator-mode routers, standalone ones need a plugin name of their own', () => {
  const chart = newChart();
  new EgressRouter(chart, 'one', { ...OPERATOR, addresses: at(11).addresses });
  new EgressRouter(chart, 'two', at(12));
  expect(synthErrors(chart)).toEqual([
    expect.stringContaining(
      '[prod/two] mode.pluginName: "egress-router" is also the operator\'s own executable, which [prod/one] runs with',
    ),
  ]);
  const renamed = newChart();
  new EgressRouter(renamed, 'one', { ...OPERATOR, addresses: at(11).addresses });
  new EgressRouter(renamed, 'two', at(12, { pluginName: 'egress-router-cdk8s' }));
  expect(synthErrors(renamed)).toEqual([]);
});

function fill(cluster: EgressRouterCluster, count: number): Chart {
  const chart = newChart();
  for (let octet = 2; octet < count + 2; octet++) new EgressRouter(chart, `r${octet}`, at(octet, { cluster }));
  return chart;
}

test('more routers on a parent interface than its MAC budget are a warning, printed once', () => {
  synth(fill(new EgressRouterCluster('prod'), 64));
  expect(printed).not.toHaveBeenCalled();
  const chart = fill(new EgressRouterCluster('prod'), 65);
  synth(chart);
  synth(chart);
  expect(printed.mock.calls).toEqual([[expect.stringContaining('cluster "prod": 65 routers share parent interface')]]);
});

test("the budget is the user's, and a limit on request", () => {
  const chart = fill(new EgressRouterCluster('prod', { macBudget: 2, enforceMacBudget: true }), 3);
  expect(synthErrors(chart)).toEqual([
    expect.stringContaining("is one of 3 routers on parent interface (the default route's), whose MAC budget is 2"),
  ]);
});

test('errors of all routers come together, each with its path', () => {
  const chart = newChart();
  new EgressRouter(chart, 'one', at(300));
  new EgressRouter(chart, 'two', at(12, { link: Link.macvlan({ macAddress: '01:00:5e:00:00:01' }) }));
  new EgressRouter(chart, 'three', at(13));
  new EgressRouter(chart, 'four', at(13));
  expect(synthErrors(chart).map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
    '[prod/one] addresses[0].ip:',
    '[prod/two] mode.link.macAddress:',
    '[prod/four] addresses[0].ip:',
  ]);
});
