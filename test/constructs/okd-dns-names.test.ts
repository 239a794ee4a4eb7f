import { App, Chart } from 'cdk8s';
import { EgressRouter, EgressRouterCluster, OkdDnsNames, type OkdDnsNamesProps, RouterMode } from '../../src';
import { only, synth, synthErrors } from '../support/synth';

const IMAGE = 'registry.k8s.io/coredns/coredns:v1.12.1';
const host = (name: string) => ({ name, ports: [443], addresses: ['203.0.113.26'] });

function setUp({ serviceCidrs = ['172.30.0.0/16'], clusterIps = ['172.30.0.33'] } = {}) {
  const app = new App();
  const chart = new Chart(app, 'prod', { namespace: 'egress' });
  const dns = new Chart(app, 'dns', { namespace: 'partner-dns' });
  const mode = RouterMode.standalone({ image: 'registry.example.com/egress-router:0.1.0', pluginName: 'partner' });
  const cluster = new EgressRouterCluster('okd', { serviceCidrs, mode });
  const router = new EgressRouter(chart, 'partners', {
    cluster,
    addresses: [{ ip: '192.168.12.99/24', gateway: '192.168.12.1' }],
    hosts: [{ ...host('api.bank.example'), clusterIps }],
  });
  const props = { routers: [router], image: IMAGE, clusterIp: '172.30.0.53' };
  return { dns, router, props };
}

test('a small CoreDNS serves the hosts and what lies below them, and asks the DNS of the cluster and of the node', () => {
  const { dns, router, props } = setUp();
  new OkdDnsNames(dns, 'names', props);
  router.addHost(host('bank.example'));
  const manifests = synth(dns);
  expect(only(manifests, 'ConfigMap').data.Corefile.split('\n')).toEqual([
    'api.bank.example:5353 bank.example:5353 {',
    '    errors',
    '    health :8080',
    '    ready :8181',
    '    reload',
    '    rewrite name exact api.bank.example partners-api-bank-example.egress.svc.cluster.local answer auto',
    '    rewrite name exact bank.example partners-bank-example.egress.svc.cluster.local answer auto',
    '    forward svc.cluster.local 172.30.0.10',
    '    forward . /etc/resolv.conf',
    '}',
    '',
  ]);
  expect(manifests.map(({ kind }) => kind)).toEqual(['ConfigMap', 'Deployment', 'Service']);
  expect(only(manifests, 'Service')).toMatchObject({
    metadata: { name: 'names', namespace: 'partner-dns' },
    spec: {
      clusterIP: '172.30.0.53',
      ports: [
        { name: 'dns', port: 53, protocol: 'UDP', targetPort: 5353 },
        { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 5353 },
      ],
    },
  });
});

test('its two pods need no user of their own, no account and one capability', () => {
  const { dns, props } = setUp();
  new OkdDnsNames(dns, 'names', { ...props, metadata: { name: 'partner-names' } });
  const { metadata, spec } = only(synth(dns), 'Deployment');
  expect([metadata.name, spec.replicas]).toEqual(['partner-names', 2]);
  const pod = spec.template.spec;
  expect(pod).toMatchObject({ dnsPolicy: 'Default', automountServiceAccountToken: false, enableServiceLinks: false });
  expect(pod.securityContext).toEqual({ runAsNonRoot: true, fsGroupChangePolicy: 'Always' });
  expect(pod.containers).toMatchObject([
    { image: IMAGE, imagePullPolicy: 'IfNotPresent', args: ['-conf', '/etc/coredns/Corefile'] },
  ]);
  expect(pod.containers[0].securityContext).toEqual({
    allowPrivilegeEscalation: false,
    capabilities: { add: ['NET_BIND_SERVICE'], drop: ['ALL'] },
    privileged: false,
    readOnlyRootFilesystem: true,
    runAsNonRoot: true,
    seccompProfile: { type: 'RuntimeDefault' },
  });
});

const SERVER = {
  name: 'egress-router',
  zones: ['api.bank.example'],
  forwardPlugin: { upstreams: ['172.30.0.53'] },
};

test("the operator's server is an object, a value and a command", () => {
  const { dns, props } = setUp();
  const names = new OkdDnsNames(dns, 'names', { ...props, dnsResource: true });
  const resource = only(synth(dns), 'DNS');
  expect(resource).toEqual({
    apiVersion: 'operator.openshift.io/v1',
    kind: 'DNS',
    metadata: { name: 'default' },
    spec: { servers: [SERVER] },
  });
  expect(names.dnsServer).toEqual(SERVER);
  const command = 'kubectl patch dns.operator.openshift.io default --type=json --patch=';
  const patch = (path: string, value: object) => `${command}'${JSON.stringify([{ op: 'add', path, value }])}'`;
  expect(names.patchCommand()).toBe(patch('/spec/servers/-', SERVER));
  expect(names.patchCommand(true)).toBe(patch('/spec/servers', [SERVER]));
});

test.each<readonly [string, object, string]>([
  ['an unknown option', { dns: 'x' }, 'dns: "x" is an unknown key'],
  ['no image', { image: undefined }, 'image: (nothing) is missing; accepted: the name of an image of CoreDNS'],
  ['a wrong image', { image: 'Coredns' }, 'image: "Coredns" has capital letters in its path'],
  ['no cluster IP', { clusterIp: undefined }, 'clusterIp: (nothing) is missing; accepted: a free address'],
  [
    'the cluster IP of a host',
    { clusterIp: '172.30.0.33' },
    'clusterIp: "172.30.0.33" is the cluster IP of the host api.',
  ],
  [
    'a cluster IP outside the Services',
    { clusterIp: '10.96.0.53' },
    `clusterIp: "10.96.0.53" is outside the network of the cluster's Services; accepted: an address in 172.30.0.0/16, or`,
  ],
  [
    "the cluster DNS's own address",
    { clusterIp: '172.30.0.10' },
    `clusterIp: "172.30.0.10" is the cluster DNS's own, which CoreDNS asks: it would ask itself; accepted: a free address`,
  ],
  ['a DNS that is not an address', { clusterDnsIp: 'dns' }, 'clusterDnsIp: "dns" is not an IP address'],
  ['a name that is not a name', { metadata: { name: 'A' } }, 'metadata.name: "A" is not such a name'],
  ['a resource that is not a flag', { dnsResource: 'yes' }, 'dnsResource: "yes" is not a boolean'],
])('%s is refused', (_what, change, text) => {
  const { dns, props } = setUp();
  new OkdDnsNames(dns, 'names', { ...props, ...change } as OkdDnsNamesProps);
  expect(synthErrors(dns)).toEqual([expect.stringContaining(`[dns/names] ${text}`)]);
});

test('the DNS of a cluster whose Services are unknown has to be given', () => {
  const { dns, props } = setUp({ serviceCidrs: [] });
  const names = new OkdDnsNames(dns, 'names', props);
  expect(synthErrors(dns)).toEqual([
    expect.stringContaining('clusterDnsIp: (nothing) is missing; accepted: the cluster IP of dns-default in'),
  ]);
  names.node.scope!.node.tryRemoveChild('names');
  new OkdDnsNames(dns, 'names', { ...props, clusterDnsIp: '172.30.0.10' });
  expect(only(synth(dns), 'ConfigMap').data.Corefile).toContain('forward svc.cluster.local 172.30.0.10\n');
});
