import { App, Chart } from 'cdk8s';
import { load } from 'js-yaml';
import { EgressRouter, Rke2DnsNames, type Rke2DnsNamesProps } from '../../src';
import { standalone, synth, synthErrors } from '../support/synth';

const host = (name: string) => ({ name, ports: [443], addresses: ['203.0.113.26'] });

function setUp(hosts = [host('api.bank.example')]) {
  const app = new App();
  const chart = new Chart(app, 'prod', { namespace: 'egress' });
  return { dns: new Chart(app, 'dns'), router: new EgressRouter(chart, 'partners', standalone({ hosts })) };
}

test('the HelmChartConfig has a server for the hosts beside that of the chart', () => {
  const { dns, router } = setUp();
  new Rke2DnsNames(dns, 'names', { routers: [router] });
  router.addHost(host('bank.example'));
  const [config] = synth(dns);
  expect(config).toMatchObject({
    apiVersion: 'helm.cattle.io/v1',
    kind: 'HelmChartConfig',
    metadata: { name: 'rke2-coredns', namespace: 'kube-system' },
  });
  expect(load(config.spec.valuesContent)).toEqual({
    extraConfig: { import: { parameters: '/etc/coredns/egress-router.server' } },
    zoneFiles: [
      {
        filename: 'egress-router.server',
        contents: [
          'api.bank.example:53 bank.example:53 {',
          '    errors',
          '    rewrite name exact api.bank.example partners-api-bank-example.egress.svc.cluster.local answer auto',
          '    rewrite name exact bank.example partners-bank-example.egress.svc.cluster.local answer auto',
          '    forward svc.cluster.local 127.0.0.1',
          '    forward . /etc/resolv.conf',
          '}',
          '',
        ].join('\n'),
      },
    ],
  });
});

test('values of its own join it', () => {
  const { dns, router } = setUp();
  const zone = { filename: 'a.zone', contents: 'a' };
  const values = { nodelocal: { enabled: true }, zoneFiles: [zone], extraConfig: { other: { parameters: 'x' } } };
  new Rke2DnsNames(dns, 'names', { routers: [router], clusterDomain: 'prod.example', values });
  const [config] = synth(dns);
  expect(load(config.spec.valuesContent)).toMatchObject({
    nodelocal: { enabled: true },
    extraConfig: { other: { parameters: 'x' }, import: {} },
    zoneFiles: [zone, { contents: expect.stringContaining('forward svc.prod.example 127.0.0.1\n') }],
  });
});

test.each<readonly [string, object, string]>([
  ['an unknown option', { domain: 'x' }, 'domain: "x" is an unknown key'],
  ['values that are not an object', { values: 'x' }, 'values: "x" is not an object; accepted: values of the chart'],
  ['files that are not a list', { values: { zoneFiles: {} } }, 'values.zoneFiles: {} is not a list; accepted: a list'],
  [
    'another import',
    { values: { extraConfig: { import: { parameters: '/x' } } } },
    'values.extraConfig.import: {"parameters":"/x"} is how the chart reads the names of hosts; accepted: values without',
  ],
])('%s is refused', (_what, props, text) => {
  const { dns, router } = setUp();
  new Rke2DnsNames(dns, 'names', { routers: [router], ...props } as Rke2DnsNamesProps);
  expect(synthErrors(dns)).toEqual([expect.stringContaining(`[dns/names] ${text}`)]);
});

test('routers without a host are refused', () => {
  const { dns, router } = setUp([]);
  new Rke2DnsNames(dns, 'names', { routers: [router] });
  expect(synthErrors(dns)).toEqual([
    expect.stringContaining('[dns/names] routers: "no host" is not enough; accepted: a router with a host'),
  ]);
});
