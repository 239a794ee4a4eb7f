import { execFileSync } from 'node:child_process';
import { delimiter, dirname } from 'node:path';
import { App, Chart } from 'cdk8s';
import { EgressRouter, OkdDnsNames, Rke2DnsNames } from '../../src';
import { readDocument } from '../support/markdown';
import { type Manifest, only, standalone, synth } from '../support/synth';
import { describeWithApiServer } from './describe-with-api-server';
import { dnsDefinitions } from './dns-crds';
import { findPrograms } from './programs';

const BY_ANOTHER = {
  name: 'corp',
  zones: ['corp.example'],
  forwardPlugin: { policy: 'Random', upstreams: ['192.0.2.53'] },
};

describeWithApiServer('names, and the definitions of OKD and RKE2', (server) => {
  let namespace: string;
  let router: EgressRouter;
  let chart: Chart;

  beforeAll(() => {
    const { kubectl } = server();
    for (const definition of dnsDefinitions()) kubectl(['apply', '--server-side', '-f', '-'], definition);
    kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=30s']);
  });

  beforeEach(() => {
    namespace = `names-${Date.now()}`;
    server().kubectl(['create', 'namespace', namespace]);
    const app = new App();
    chart = new Chart(app, 'dns', { namespace });
    const hosts = [{ name: 'api.bank.example', ports: [443], addresses: ['203.0.113.26'] }];
    router = new EgressRouter(new Chart(app, 'prod', { namespace }), 'partners', standalone({ hosts }));
  });

  const apply = () => {
    const yaml = synth(chart).map((manifest) => JSON.stringify(manifest));
    server().kubectl(['apply', '--server-side', '-f', '-'], yaml.join('\n'));
  };
  const get = (...words: string[]): Manifest => JSON.parse(server().kubectl(['get', ...words, '-o', 'json']));

  function okd(options: { readonly dnsResource?: boolean } = {}): OkdDnsNames {
    const image = 'registry.k8s.io/coredns/coredns:v1.12.1';
    return new OkdDnsNames(chart, 'names', {
      routers: [router],
      image,
      clusterIp: '10.96.0.53',
      clusterDnsIp: '10.96.0.10',
      ...options,
    });
  }

  test("OKD's DNS gets the server as an object, and its pod is admitted by restricted", () => {
    okd({ dnsResource: true });
    for (let time = 0; time < 2; time++) apply();
    const manifests = synth(chart);
    const [kept] = get('dnses.operator.openshift.io', 'default').spec.servers;
    expect(kept).toMatchObject(only(manifests, 'DNS').spec.servers[0]);
    const { spec } = get('service', 'names', '-n', namespace);
    expect(spec.clusterIP).toBe('10.96.0.53');
    const label = 'pod-security.kubernetes.io/enforce=restricted';
    server().kubectl(['label', 'namespace', namespace, label]);
    const { template } = only(manifests, 'Deployment').spec;
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'pod', namespace }, spec: template.spec };
    expect(server().kubectl(['create', '-f', '-'], JSON.stringify(pod))).toContain('created');
    server().kubectl(['delete', 'dnses.operator.openshift.io', 'default']);
    server().kubectl(['delete', 'service', 'names', '-n', namespace]);
  });

  test.each([
    ['the first', true, []],
    ['one more', false, [BY_ANOTHER]],
  ])('a DNS of another team gets the server as %s by the printed command', (_which, isFirst, before) => {
    const names = okd();
    const spec = before.length === 0 ? {} : { servers: before };
    const resource = { apiVersion: 'operator.openshift.io/v1', kind: 'DNS', metadata: { name: 'default' }, spec };
    server().kubectl(['create', '-f', '-'], JSON.stringify(resource));
    const path = [dirname(findPrograms(false).kubectl), process.env.PATH].join(delimiter);
    const env = { ...process.env, PATH: path, KUBECONFIG: server().kubeconfig };
    execFileSync('bash', ['-ec', names.patchCommand(isFirst)], { env, encoding: 'utf8', stdio: 'pipe' });
    expect(get('dnses.operator.openshift.io', 'default').spec.servers).toMatchObject([...before, names.dnsServer]);
    server().kubectl(['delete', 'dnses.operator.openshift.io', 'default']);
  });

  test('a cluster IP of a host that another Service has is refused by name, as the document says', () => {
    router.addHost({
      name: 'db.partner.example',
      ports: [5432],
      addresses: ['203.0.113.30'],
      clusterIps: ['10.96.0.54'],
    });
    const { kubectl, tryKubectl } = server();
    kubectl(['create', 'service', 'clusterip', 'other', '--tcp=80', '--clusterip=10.96.0.54', '-n', namespace]);
    const service = JSON.stringify(synth(Chart.of(router)).find(({ spec }) => spec.clusterIP === '10.96.0.54'));
    const { stderr } = tryKubectl(['apply', '--server-side', '-f', '-'], service);
    expect(stderr).toContain('provided IP is already allocated');
    expect(readDocument('docs/names.md')).toContain('`provided IP is already allocated`');
    kubectl(['delete', 'service', 'other', '-n', namespace]);
  });

  test('RKE2 gets a HelmChartConfig', () => {
    new Rke2DnsNames(chart, 'names', { routers: [router] });
    for (let time = 0; time < 2; time++) apply();
    const kept = get('helmchartconfigs.helm.cattle.io', 'rke2-coredns', '-n', 'kube-system');
    expect(kept.spec).toMatchObject(only(synth(chart), 'HelmChartConfig').spec);
  });
});
