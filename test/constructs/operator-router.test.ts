import { ApiObject, JsonPatch } from 'cdk8s';
import { Protocol } from 'cdk8s-plus-28';
import { EgressRouter, EgressRouterCluster, MacvlanMode, Platform, RouterModeKind } from '../../src';
import { newChart, OPERATOR, only, operator, synth, synthRouter } from '../support/synth';

const LABELS = {
  app: 'egress-router-cni',
  'app.kubernetes.io/name': 'egress-router',
  'app.kubernetes.io/instance': 'db',
};

let printed: jest.SpyInstance;
beforeEach(() => {
  printed = jest.spyOn(console, 'error').mockImplementation(() => {});
});
afterEach(() => printed.mockRestore());

test('the default child is the custom resource', () => {
  const chart = newChart();
  const router = new EgressRouter(chart, 'db', OPERATOR);
  expect(ApiObject.of(router)).toBe(router.operator?.customResource);
  ApiObject.of(router).addJsonPatch(JsonPatch.add('/metadata/annotations', { patched: 'yes' }));
  expect(only(synth(chart), 'EgressRouter').metadata.annotations).toEqual({ patched: 'yes' });
});

test('the example of the OKD documentation', () => {
  const manifests = synthRouter({
    addresses: [{ ip: '192.168.12.99/24', gateway: '192.168.12.1' }],
    redirectRules: [
      { port: 80, protocol: Protocol.UDP, destinationIp: '203.0.113.25' },
      { port: 8080, protocol: Protocol.TCP, destinationIp: '203.0.113.26', targetPort: 80 },
      { port: 8443, protocol: Protocol.TCP, destinationIp: '203.0.113.26', targetPort: 443 },
    ],
    fallbackIp: '203.0.113.27',
  });
  expect(manifests).toEqual([
    {
      apiVersion: 'network.operator.openshift.io/v1',
      kind: 'EgressRouter',
      metadata: { name: 'db', namespace: 'egress', labels: LABELS },
      spec: {
        mode: 'Redirect',
        networkInterface: { macvlan: { mode: 'Bridge' } },
        addresses: [{ ip: '192.168.12.99/24', gateway: '192.168.12.1' }],
        redirect: {
          redirectRules: [
            { port: 80, protocol: 'UDP', destinationIP: '203.0.113.25' },
            { port: 8080, protocol: 'TCP', destinationIP: '203.0.113.26', targetPort: 80 },
            { port: 8443, protocol: 'TCP', destinationIP: '203.0.113.26', targetPort: 443 },
          ],
          fallbackIP: '203.0.113.27',
        },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        name: 'db',
        namespace: 'egress',
        labels: LABELS,
      },
      spec: {
        type: 'ClusterIP',

        ipFamilyPolicy: 'SingleStack',
        ipFamilies: ['IPv4'],
        selector: { app: 'egress-router-cni' },
        ports: [
          { name: 'udp-80', port: 80, protocol: 'UDP' },
          { name: 'tcp-8080', port: 8080, protocol: 'TCP' },
          { name: 'tcp-8443', port: 8443, protocol: 'TCP' },
        ],
      },
    },
  ]);
});

test('the interface is passed on in the spelling of the resource', () => {
  const manifests = synthRouter(
    operator({ networkInterface: { macvlan: { mode: MacvlanMode.VEPA, master: 'eth1' } } }),
  );
  expect(only(manifests, 'EgressRouter').spec.networkInterface).toEqual({ macvlan: { mode: 'VEPA', master: 'eth1' } });
});

test('options that the operator ignores are warnings, printed once', () => {
  const chart = newChart();
  const router = new EgressRouter(
    chart,
    'db',
    operator({ fallbackIp: '203.0.113.27', networkInterface: { macvlan: { master: 'eth1' } } }),
  );
  expect(router.warnings).toEqual([
    expect.stringContaining("fallbackIp: the operator's plugin does not read it"),
    expect.stringContaining('the parent interface and the mode of macvlan: the operator does not pass them on'),
  ]);
  synth(chart);
  synth(chart);
  expect(printed.mock.calls.map(([line]) => line)).toEqual(
    router.warnings.map((warning) => `[warning] [prod/db] ${warning}`),
  );
});

test('on OpenStack, whose ports admit known MAC addresses only, there is a warning', () => {
  const cluster = new EgressRouterCluster('prod', { platform: Platform.OPENSTACK });
  const router = new EgressRouter(newChart(), 'db', { ...OPERATOR, cluster });
  expect(router.warnings).toEqual([expect.stringMatching(/^platform: OpenStack drops packets .*port security/)]);
});

test('what the operator makes in the cluster is undefined here, and so is the MAC address that it draws', () => {
  const router = new EgressRouter(newChart(), 'db', OPERATOR);
  expect(router.mode.kind).toBe(RouterModeKind.OPERATOR);
  expect([router.standalone, router.macAddress]).toEqual([undefined, undefined]);
  expect(router.operator?.customResource.kind).toBe('EgressRouter');
});

test('a second synth of a moved construct has the same names and selectors', () => {
  const moved = newChart();
  const at = synthRouter({ ...OPERATOR, metadata: { name: 'db' } }, 'elsewhere');
  new EgressRouter(moved, 'db', OPERATOR);
  expect(at).toEqual(synth(moved));
});
