import { ApiObject, App, Chart, Duration, JsonPatch, Size } from 'cdk8s';
import * as kplus from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { EgressRouter, Link, MacvlanMode } from '../../src';
import { decodeNetworkConfig } from '../../src/domain';
import { type Manifest, newChart, only, STANDALONE, standalone, synth, synthRouter } from '../support/synth';

const LABELS = { 'app.kubernetes.io/name': 'egress-router', 'app.kubernetes.io/instance': 'db' };

function podSpec(manifests: Manifest[]): Manifest {
  return only(manifests, 'Deployment').spec.template.spec;
}

function networkConfig(manifests: Manifest[]): Manifest {
  return JSON.parse(only(manifests, 'NetworkAttachmentDefinition').spec.config);
}

test('the default child is the deployment', () => {
  const chart = newChart();
  const router = new EgressRouter(chart, 'db', STANDALONE);
  ApiObject.of(router).addJsonPatch(JsonPatch.replace('/spec/replicas', 0));
  expect(only(synth(chart), 'Deployment').spec.replicas).toBe(0);
});

test('the network comes before the pods that need it', () => {
  expect(synthRouter(STANDALONE).map(({ kind }) => kind)).toEqual([
    'NetworkAttachmentDefinition',
    'NetworkPolicy',
    'Deployment',
    'Service',
  ]);
});

test('the network configuration holds everything that the plugin needs', () => {
  expect(networkConfig(synthRouter(STANDALONE))).toEqual({
    cniVersion: '1.0.0',
    name: 'egress.db',
    type: 'egress-router',
    formatVersion: 1,
    podNamespace: 'egress',
    interfaceType: 'macvlan',
    interfaceArgs: { mode: 'bridge' },
    mac: 'e2:65:c0:a8:0c:63',
    ip: { addresses: ['192.168.12.99/24'], gateway: '192.168.12.1', destinations: ['8443 TCP 203.0.113.26 443'] },
    healthPort: 9180,
  });
});

test('every prop that concerns the network reaches the configuration, and it decodes', () => {
  const mode = MacvlanMode.PASSTHRU;
  const manifests = synthRouter(
    standalone({
      addresses: [
        { ip: '192.168.12.99/24', gateway: '192.168.12.1' },
        { ip: '2001:DB8:12::99/64', gateway: 'fe80::1' },
      ],
      fallbackIp: '2001:db8::27',
      link: Link.macvlan({ mode, parentInterface: 'eth1', mtu: 1400, macAddress: '02-00-5E-10-00-01' }),
      pluginName: 'egress-router-cdk8s',
      healthPort: 9999,
      detectConflicts: false,
      announcements: 5,
      failover: { conflictWait: Duration.seconds(20) },
    }),
  );
  const config = networkConfig(manifests);
  expect(config).toEqual({
    cniVersion: '1.0.0',
    name: 'egress.db',
    type: 'egress-router-cdk8s',
    formatVersion: 1,
    podNamespace: 'egress',
    interfaceType: 'macvlan',
    interfaceArgs: { mode: 'passthru', master: 'eth1', mtu: '1400' },
    mac: '02:00:5e:10:00:01',
    ip: {
      addresses: ['192.168.12.99/24', '2001:db8:12::99/64'],
      gateways: ['192.168.12.1', 'fe80::1'],
      destinations: ['8443 TCP 203.0.113.26 443'],
      fallbackIP: '2001:db8::27',
    },
    healthPort: 9999,
    detectConflicts: false,
    announcements: 5,
    conflictWait: 20,
  });
  expect(decodeNetworkConfig(config).options).toMatchObject({ healthPort: 9999, conflictWait: 20, announcements: 5 });
  const [container] = podSpec(manifests).containers;
  expect(container.readinessProbe.httpGet.port).toBe(9999);
  expect(container.ports).toEqual([{ containerPort: 9999, name: 'health', protocol: 'TCP' }]);
});

test('the pod is one, is replaced rather than doubled, and asks for no privilege', () => {
  const deployment = only(synthRouter(STANDALONE), 'Deployment');
  expect(deployment.spec).toMatchObject({
    replicas: 1,
    strategy: { type: 'Recreate' },
    selector: { matchLabels: LABELS },
  });
  expect(deployment.spec.template.metadata.labels).toEqual({
    ...LABELS,
    'cdk8s.io/metadata.addr': 'db',
    'istio.io/dataplane-mode': 'none',
    'kuma.io/sidecar-injection': 'disabled',
    'sidecar.istio.io/inject': 'false',
  });
  const { spec } = deployment.spec.template;
  expect(spec).toMatchObject({
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 5,
    securityContext: { runAsNonRoot: true },
    tolerations: [
      { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 2 },
      { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 10 },
    ],
  });
  expect(spec.containers).toHaveLength(1);
  // The image's user, or the one that OKD gives to the namespace.
  expect(JSON.stringify(spec)).not.toContain('runAsUser');
  expect(spec.containers[0]).not.toHaveProperty('startupProbe');
  expect(spec).not.toHaveProperty('volumes');
  expect(spec.containers[0]).toMatchObject({
    name: 'egress-router',
    image: 'registry.example.com/egress-router:1',
    imagePullPolicy: 'IfNotPresent',
    command: ['/egress-router'],
    readinessProbe: {
      httpGet: { path: '/readyz', port: 9180 },
      periodSeconds: 1,
      timeoutSeconds: 1,
      failureThreshold: 2,
    },
    livenessProbe: { httpGet: { path: '/livez', port: 9180 }, periodSeconds: 10, timeoutSeconds: 2 },
    resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '128Mi' } },
    securityContext: {
      allowPrivilegeEscalation: false,
      privileged: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
    },
  });
});

test('Multus attaches net1', () => {
  const annotations = only(synthRouter(STANDALONE), 'Deployment').spec.template.metadata.annotations;
  expect(JSON.parse(annotations['k8s.v1.cni.cncf.io/networks'])).toEqual([
    { name: 'db', namespace: 'egress', interface: 'net1' },
  ]);
});

test('a changed rule rolls the pod, another label does not', () => {
  const hashOf = (props: object) =>
    only(synthRouter({ ...STANDALONE, ...props }), 'Deployment').spec.template.metadata.annotations[
      'cdk8s-egress-router/network-config-hash'
    ];
  expect(hashOf({})).toMatch(/^[0-9a-f]{32}$/);
  expect(hashOf({ fallbackIp: '203.0.113.27' })).not.toBe(hashOf({}));
  expect(hashOf({ metadata: { labels: { team: 'a' } } })).toBe(hashOf({}));
});

test('moving the construct changes nothing', () => {
  const app = new App();
  const elsewhere = new Chart(app, 'other', { namespace: 'egress' });
  new EgressRouter(new Construct(elsewhere, 'deep'), 'renamed', { ...STANDALONE, metadata: { name: 'db' } });
  expect(synth(elsewhere)).toEqual(synthRouter(STANDALONE));
});

test("an option gives the operator's names and its label", () => {
  const manifests = synthRouter(standalone({ operatorNames: true }));
  expect(only(manifests, 'NetworkAttachmentDefinition').metadata.name).toBe('egress-router-cni-nad');
  const deployment = only(manifests, 'Deployment');
  expect(deployment.metadata).toMatchObject({
    name: 'egress-router-cni-deployment',
    labels: { app: 'egress-router-cni' },
  });
  expect(deployment.spec.selector.matchLabels).toEqual({ app: 'egress-router-cni' });
  expect(deployment.spec.template.metadata.labels.app).toBe('egress-router-cni');
  expect(deployment.spec.template.spec.containers[0].name).toBe('egress-router-cni-pod');
  expect(only(manifests, 'Service').spec.selector).toEqual({ app: 'egress-router-cni' });
  expect(only(manifests, 'Service').metadata.name).toBe('db');
});

test("without the option no object carries the operator's label", () => {
  expect(JSON.stringify(synthRouter(STANDALONE))).not.toContain('egress-router-cni');
});

test('many routers of a namespace select their own pods only', () => {
  const chart = newChart();
  for (const octet of [1, 2, 3]) {
    new EgressRouter(chart, `router-${octet}`, {
      ...STANDALONE,
      addresses: [{ ip: `192.168.12.${octet}0/24`, gateway: '192.168.12.1' }],
    });
  }
  const manifests = synth(chart);
  const services = manifests.filter(({ kind }) => kind === 'Service');
  const pods = manifests.filter(({ kind }) => kind === 'Deployment').map(({ spec }) => spec.template.metadata.labels);
  for (const service of services) {
    const selected = pods.filter((labels) =>
      Object.entries(service.spec.selector).every(([key, value]) => labels[key] === value),
    );
    expect(selected.map((labels) => labels['app.kubernetes.io/instance'])).toEqual([service.metadata.name]);
  }
  expect(services).toHaveLength(3);
});

test('scheduling takes cdk8s-plus nodes and a priority class', () => {
  const spec = podSpec(
    synthRouter(
      standalone({
        scheduling: {
          attract: [kplus.Node.labeled(kplus.NodeLabelQuery.is('egress', 'yes'))],
          tolerate: [kplus.Node.tainted(kplus.NodeTaintQuery.exists('egress-only'))],
          priorityClassName: 'system-cluster-critical',
        },
      }),
    ),
  );
  expect(spec.priorityClassName).toBe('system-cluster-critical');
  expect(spec.tolerations).toContainEqual({ key: 'egress-only', operator: 'Exists' });
  const { nodeSelectorTerms } = spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution;
  expect(nodeSelectorTerms).toEqual([{ matchExpressions: [{ key: 'egress', operator: 'In', values: ['yes'] }] }]);
});

test("failover times, resources and registry credentials are the user's when given", () => {
  const chart = newChart();
  const mode = {
    imagePullPolicy: kplus.ImagePullPolicy.ALWAYS,
    dockerRegistryAuth: kplus.Secret.fromSecretName(chart, 'Auth', 'registry'),
    resources: { memory: { request: Size.mebibytes(50) } },
    failover: { evictFromUnreachableAfter: Duration.seconds(0), evictFromNotReadyAfter: Duration.minutes(1) },
  };
  new EgressRouter(chart, 'db', standalone(mode));
  const spec = podSpec(synth(chart));
  expect(spec.tolerations.map((toleration: Manifest) => toleration.tolerationSeconds)).toEqual([0, 60]);
  expect(spec.terminationGracePeriodSeconds).toBe(5);
  expect(spec.imagePullSecrets).toEqual([{ name: 'registry' }]);
  expect(spec.containers[0]).toMatchObject({ imagePullPolicy: 'Always', resources: { requests: { memory: '50Mi' } } });
});

test('a drain is blocked on request only, and not by a router that is not ready', () => {
  expect(synthRouter(STANDALONE).some(({ kind }) => kind === 'PodDisruptionBudget')).toBe(false);
  const budget = only(synthRouter(standalone({ failover: { blockDrain: true } })), 'PodDisruptionBudget');
  expect(budget).toMatchObject({
    apiVersion: 'policy/v1',
    metadata: { name: 'db', namespace: 'egress' },
    spec: { minAvailable: 1, selector: { matchLabels: LABELS }, unhealthyPodEvictionPolicy: 'AlwaysAllow' },
  });
});

test('the network is one sync wave earlier than the rest', () => {
  const wave = 'argocd.argoproj.io/sync-wave';
  const manifests = synthRouter({ ...STANDALONE, argoCdSyncWave: 3, metadata: { annotations: { team: 'a' } } });
  expect(manifests.map(({ kind, metadata }) => [kind, metadata.annotations])).toEqual([
    ['NetworkAttachmentDefinition', { team: 'a', [wave]: '2' }],
    ['NetworkPolicy', { team: 'a', [wave]: '3' }],
    ['Deployment', { team: 'a', [wave]: '3' }],
    ['Service', { team: 'a', [wave]: '3' }],
  ]);
});

test('what the router is made of is reachable', () => {
  const router = new EgressRouter(newChart(), 'db', {
    ...STANDALONE,
    addresses: [{ ip: '2001:DB8:0:0::99/64', gateway: 'FE80::1' }],
    redirectRules: [{ port: 443, protocol: kplus.Protocol.TCP, destinationIp: '2001:db8:1::1' }],
  });
  expect(router.standalone?.deployment.name).toBe('db');
  expect(router.standalone?.networkAttachmentDefinition.name).toBe('db');
  expect(router.standalone?.podDisruptionBudget).toBeUndefined();
  expect(router.standalone?.egressPolicy.name).toBe('db-own-egress');
  expect(router.service.name).toBe('db');
  expect(router.addresses).toEqual([{ ip: '2001:db8::99/64', gateway: 'fe80::1' }]);
  expect(router.macAddress).toMatch(/^f2(:[0-9a-f]{2}){5}$/);
  expect(router.clientHost).toBe('db.egress.svc');
  expect(router.networkPolicy).toBeUndefined();
  expect(router.operator).toBeUndefined();
  expect(router.describe()).toEqual([
    `client → db.egress.svc:443/TCP → net1 2001:db8::99 (${router.macAddress}) → gateway fe80::1 → [2001:db8:1::1]:443`,
    'client → db.egress.svc, any other port → refused',
  ]);
});

test('without a namespace the Service is known by its name alone', () => {
  jest.spyOn(console, 'error').mockImplementation();
  const chart = new Chart(new App(), 'prod');
  const router = new EgressRouter(chart, 'db', STANDALONE);
  expect(router.clientHost).toBe('db');
  expect(networkConfig(synth(chart)).name).toBe('db');
});

test.each([
  [
    'a port with two protocols',
    [53, 53],
    ['TCP', 'UDP'],
    'port 53 is redirected for several protocols; apply with "kubectl apply --server-side"',
  ],
  [
    'a thousand rules',
    Array.from({ length: 1000 }, (_, index) => index + 1),
    ['TCP'],
    '1000 rules; apply them with "kubectl apply --server-side"',
  ],
])('%s is a warning about how to apply it', (_, ports, protocols, warning) => {
  const redirectRules = ports.map((port, index) => ({
    port,
    protocol: protocols[index % protocols.length] as kplus.Protocol,
    destinationIp: '203.0.113.53',
  }));
  const router = new EgressRouter(newChart(), 'db', { ...STANDALONE, redirectRules });
  expect(router.warnings).toEqual([expect.stringContaining(warning)]);
  expect(new EgressRouter(newChart(), 'db', { ...STANDALONE, redirectRules: redirectRules.slice(1) }).warnings).toEqual(
    [],
  );
});
