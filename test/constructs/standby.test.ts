import { App, Chart } from 'cdk8s';
import * as kplus from 'cdk8s-plus-28';
import { EgressRouter, type EgressRouterProps, Link, type StandaloneRouterOptions } from '../../src';
import { decodeNetworkConfig } from '../../src/domain';
import {
  clientPolicy,
  type Manifest,
  newChart,
  only,
  STANDALONE,
  standalone,
  synth,
  synthRouter,
} from '../support/synth';

const SELECTOR = { 'app.kubernetes.io/name': 'egress-router', 'app.kubernetes.io/instance': 'db' };
const HOST = { name: 'api.bank.example', ports: [443], addresses: ['203.0.113.4'] };
const NO_POD = { 'cdk8s-egress-router/holder': 'written-by-the-pods' };

const PAIR = standalone({ standby: true });
const pair = (changes: Partial<EgressRouterProps> & StandaloneRouterOptions) =>
  standalone({ standby: true, ...changes });
const configOf = (manifests: Manifest[]) => JSON.parse(only(manifests, 'NetworkAttachmentDefinition').spec.config);
const servicesFile = (manifests: Manifest[]) => JSON.parse(only(manifests, 'ConfigMap').data['services.json']);
const ofKind = (manifests: Manifest[], kind: string) => manifests.filter((manifest) => manifest.kind === kind);
const ownPolicy = (manifests: Manifest[]) =>
  ofKind(manifests, 'NetworkPolicy').find(({ metadata }) => metadata.name === 'db-own-egress');

test('a router with a standby has an account of its own, and what pods need comes before them', () => {
  expect(synthRouter(PAIR).map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
    'NetworkAttachmentDefinition db',
    'ConfigMap db',
    'ServiceAccount db-standby',
    'Role db-standby',
    'RoleBinding db-standby',
    'NetworkPolicy db-own-egress',
    'Deployment db',
    'PodDisruptionBudget db',
    'Service db',
  ]);
});

describe("the standby's MAC address", () => {
  test('is in the configuration, which an older plugin refuses by its format', () => {
    const config = configOf(synthRouter(PAIR));
    expect(config).toMatchObject({ formatVersion: 2, mac: 'e2:65:c0:a8:0c:63', standbyMac: 'e6:65:c0:a8:0c:63' });
    expect(decodeNetworkConfig(config).standbyMac).toBe('e6:65:c0:a8:0c:63');
    expect(configOf(synthRouter(STANDALONE))).toMatchObject({ formatVersion: 1 });
  });

  test('is known at synth, given or derived', () => {
    const macOf = (props: EgressRouterProps) => new EgressRouter(newChart(), 'db', props).standbyMacAddress;
    expect(macOf(PAIR)).toBe('e6:65:c0:a8:0c:63');
    expect(macOf(STANDALONE)).toBeUndefined();
    expect(macOf(pair({ link: Link.macvlan({ standbyMacAddress: '02-00-5E-10-00-02' }) }))).toBe('02:00:5e:10:00:02');
    const IPV6 = { addresses: [{ ip: '2001:db8:12::99/64', gateway: 'fe80::1' }] };
    const RULE = { port: 443, protocol: kplus.Protocol.TCP, destinationIp: '2001:db8::1' };
    expect(macOf(pair({ ...IPV6, redirectRules: [RULE] }))).toBe('f6:25:d3:22:30:5c');
  });
});

describe('the pods', () => {
  const { spec } = only(synthRouter(PAIR), 'Deployment');
  const pod = spec.template.spec;

  test('are two on two nodes, replaced one after the other', () => {
    expect(spec).toMatchObject({
      replicas: 2,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
    });
    expect(pod.affinity).toEqual({
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          { labelSelector: { matchLabels: SELECTOR }, topologyKey: 'kubernetes.io/hostname' },
        ],
      },
    });
    expect(pod.terminationGracePeriodSeconds).toBe(5);
  });

  test('have the token of their account, and the privileges of a standby', () => {
    expect(pod).toMatchObject({ serviceAccountName: 'db-standby', automountServiceAccountToken: true });
    expect(only(synthRouter(PAIR), 'ServiceAccount').automountServiceAccountToken).toBe(false);
    expect(pod.containers[0].securityContext).toMatchObject({
      runAsUser: 0,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'], add: ['NET_ADMIN', 'NET_RAW'] },
    });
    expect(pod.containers[0].resources).toEqual({
      requests: { cpu: '100m', memory: '64Mi' },
      limits: { memory: '256Mi' },
    });
  });

  test('know who and where they are', () => {
    const [container] = pod.containers;
    expect(container.args.slice(3)).toEqual([
      '--standby',
      '--pod=$(POD_NAME)',
      '--namespace=$(POD_NAMESPACE)',
      '--node=$(NODE_NAME)',
      '--pod-addresses=$(POD_IPS)',
      '--services-file=/etc/egress-router/services.json',
    ]);
    expect(container.env.map(({ name, valueFrom }: Manifest) => [name, valueFrom.fieldRef.fieldPath])).toEqual([
      ['POD_NAME', 'metadata.name'],
      ['POD_NAMESPACE', 'metadata.namespace'],
      ['NODE_NAME', 'spec.nodeName'],
      ['POD_IPS', 'status.podIPs'],
    ]);
    expect(container.volumeMounts).toEqual([{ name: 'config', mountPath: '/etc/egress-router', readOnly: true }]);
  });

  test("stay on the user's nodes, apart from each other", () => {
    const egress = kplus.Node.labeled(kplus.NodeLabelQuery.is('egress', 'yes'));
    const { affinity } = only(synthRouter(pair({ scheduling: { attract: [egress] } })), 'Deployment').spec.template
      .spec;
    expect(Object.keys(affinity).sort()).toEqual(['nodeAffinity', 'podAntiAffinity']);
  });

  test('of a drain one stays, unless it is not ready', () => {
    expect(only(synthRouter(PAIR), 'PodDisruptionBudget').spec).toEqual({
      minAvailable: 1,
      selector: { matchLabels: SELECTOR },
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
    });
  });

  test('restart when the standby is switched on', () => {
    const hashOf = (props: EgressRouterProps) =>
      only(synthRouter(props), 'Deployment').spec.template.metadata.annotations[
        'cdk8s-egress-router/network-config-hash'
      ];
    expect(hashOf(PAIR)).not.toBe(hashOf(STANDALONE));
  });
});

describe('the Services', () => {
  const chart = newChart();
  const router = new EgressRouter(chart, 'db', pair({ hosts: [HOST] }));
  router.addHost({ ...HOST, name: 'ftp.bank.example', ports: [22, 80] });
  router.service.bind(99, { targetPort: 8443, name: 'alias' });
  const manifests = synth(chart);

  test('select no pod, and say by a label that the pods lead to themselves', () => {
    for (const { metadata, spec } of ofKind(manifests, 'Service')) {
      expect(spec.selector).toEqual(NO_POD);
      expect(metadata.labels).toEqual({ ...SELECTOR, 'cdk8s-egress-router/standby': 'true' });
    }
    expect(only(synthRouter(STANDALONE), 'Service').spec.selector).toEqual(SELECTOR);
  });

  test("are in the pods' file with the ports of their slices, the router's own first, those bound later too", () => {
    const written = Object.fromEntries(
      ofKind(manifests, 'Service').map(({ metadata, spec }) => [
        metadata.name,
        spec.ports.map(({ name, port, targetPort = port, protocol }: Manifest) => ({
          name,
          port: targetPort,
          protocol,
        })),
      ]),
    );
    const file = servicesFile(manifests);
    expect(file[0].name).toBe('db');
    expect(Object.fromEntries(file.map(({ name, ports }: Manifest) => [name, ports]))).toEqual(written);
    expect(file[0].ports).toContainEqual({ name: 'alias', port: 8443, protocol: 'TCP' });
    expect(Object.keys(only(manifests, 'ConfigMap').data)).toEqual(['services.json']);
  });

  test('share the ConfigMap with live rules', () => {
    const live = synthRouter(pair({ liveRules: true }));
    expect(Object.keys(only(live, 'ConfigMap').data)).toEqual(['config.json', 'services.json']);
    const { args } = only(live, 'Deployment').spec.template.spec.containers[0];
    expect(args).toEqual(expect.arrayContaining(['--live-rules', '--standby']));
  });

  test("the Role names each slice and the key, and has no right to anything else's", () => {
    const slices = ['db', 'api', 'ftp'].flatMap((name) => {
      const service = name === 'db' ? 'db' : `db-${name}-bank-example`;
      return [service, `${service}-ipv6`];
    });
    const { rules } = only(manifests, 'Role');
    expect(rules).toEqual([
      {
        apiGroups: ['discovery.k8s.io'],
        resources: ['endpointslices'],
        resourceNames: slices,
        verbs: ['get', 'list', 'watch', 'create', 'patch', 'update'],
      },
      {
        apiGroups: ['discovery.k8s.io'],
        resources: ['endpointslices/restricted'],
        resourceNames: slices,
        verbs: ['create'],
      },
      {
        apiGroups: [''],
        resources: ['secrets'],
        resourceNames: ['db-pair'],
        verbs: ['get', 'list', 'watch', 'create', 'patch'],
      },
    ]);
    expect(only(manifests, 'RoleBinding')).toMatchObject({
      roleRef: { kind: 'Role', name: 'db-standby' },
      subjects: [{ kind: 'ServiceAccount', name: 'db-standby', namespace: 'egress' }],
    });
  });
});

test("a Secret of the user's is named to the pods, which may not write it", () => {
  const chart = newChart();
  const standbyKeySecret = kplus.Secret.fromSecretName(chart, 'Key', 'bank-key');
  new EgressRouter(chart, 'db', pair({ standbyKeySecret }));
  const manifests = synth(chart);
  expect(only(manifests, 'Deployment').spec.template.spec.containers[0].args).toContain('--key-secret=bank-key');
  expect(only(manifests, 'Role').rules.at(-1)).toEqual({
    apiGroups: [''],
    resources: ['secrets'],
    resourceNames: ['bank-key'],
    verbs: ['get', 'list', 'watch'],
  });
});

describe('the NetworkPolicies', () => {
  const ofPair = [
    { port: 10870, protocol: 'UDP' },
    { port: 10870, protocol: 'TCP' },
  ];
  const own = [{ podSelector: { matchLabels: SELECTOR } }];

  test('let the pods talk to each other and to the API server, which no address names', () => {
    expect(ownPolicy(synthRouter(PAIR)).spec.egress).toEqual([
      { to: own, ports: ofPair },
      {
        ports: [
          { port: 443, protocol: 'TCP' },
          { port: 6443, protocol: 'TCP' },
        ],
      },
    ]);
    expect(ownPolicy(synthRouter(STANDALONE)).spec.egress).toBeUndefined();
  });

  const clients = (chart: Chart) => kplus.Pods.select(chart, 'Clients', { labels: { app: 'shop' } });
  const ingress = (props: EgressRouterProps) => {
    const chart = newChart();
    new EgressRouter(chart, 'db', { ...props, allowFrom: [clients(chart)] });
    return clientPolicy(synth(chart)).spec.ingress;
  };

  test("admit the pair's port for its pods alone", () => {
    const [first, second, ...others] = ingress(PAIR);
    expect([first, others]).toEqual([{ from: own, ports: ofPair }, []]);
    expect(second.ports).toEqual([{ port: 8443, protocol: 'TCP' }]);
    expect(ingress(STANDALONE)).toHaveLength(1);
  });

  test("leave the pair's port out of a fallback's, for clients on both sides", () => {
    const ports = [
      { port: 1, endPort: 9179, protocol: 'TCP' },
      { port: 9181, endPort: 10869, protocol: 'TCP' },
      { port: 10871, endPort: 65535, protocol: 'TCP' },
      { port: 1, endPort: 10869, protocol: 'UDP' },
      { port: 10871, endPort: 65535, protocol: 'UDP' },
      { protocol: 'SCTP' },
    ];
    const props = pair({ fallbackIp: '203.0.113.9' });
    expect(ingress(props)[1].ports).toEqual(ports);
    const app = new App();
    const router = new EgressRouter(new Chart(app, 'prod', { namespace: 'egress' }), 'db', props);
    const shop = new Chart(app, 'shop', { namespace: 'shop' });
    router.allowClientEgress(shop, 'clients', clients(shop));
    expect(only(synth(shop), 'NetworkPolicy').spec.egress[0].ports).toEqual(ports);
  });
});

test('its objects are reachable', () => {
  const { standalone: objects } = new EgressRouter(newChart(), 'db', PAIR);
  expect(objects?.serviceAccount?.name).toBe('db-standby');
  expect([objects?.role?.name, objects?.roleBinding?.name]).toEqual(['db-standby', 'db-standby']);
  expect(objects?.podDisruptionBudget?.kind).toBe('PodDisruptionBudget');
  expect(new EgressRouter(newChart(), 'db', STANDALONE).standalone?.role).toBeUndefined();
});

test('what pods need is one sync wave earlier', () => {
  const wave = 'argocd.argoproj.io/sync-wave';
  const manifests = synthRouter(pair({ argoCdSyncWave: 3 }));
  const early = manifests.filter(({ metadata }) => metadata.annotations[wave] === '2').map(({ kind }) => kind);
  expect(early).toEqual(['NetworkAttachmentDefinition', 'ConfigMap', 'ServiceAccount', 'Role', 'RoleBinding']);
});

test('a second synth has the same bytes', () => {
  expect(synthRouter(PAIR)).toEqual(synthRouter(PAIR));
});
