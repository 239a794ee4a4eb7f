import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { prometheusDefinitions } from '../../test/api-server/prometheus-crds';
import { SERVICES } from './addresses';
import type { Kubectl } from './kubectl';

const CRDS = resolve(__dirname, '..', '..', 'test', 'api-server', 'crds');

/** Installs what every cluster has besides Kubernetes: the definitions of Multus, OKD and Prometheus, and DNS. */
export async function installClusterServices(kubectl: Kubectl): Promise<void> {
  const definitions = [
    'network-attachment-definitions.k8s.cni.cncf.io.yaml',
    'egressrouters.network.operator.openshift.io.yaml',
  ];
  for (const file of definitions) kubectl.apply(readFileSync(join(CRDS, file), 'utf8'));
  for (const text of prometheusDefinitions()) kubectl.apply(text);
  kubectl.apply(DNS.map((object) => JSON.stringify(object)).join('\n---\n'));
  kubectl.run(['rollout', 'status', '--namespace=kube-system', 'deployment/coredns', '--timeout=20s']);
  kubectl.run(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=30s']);
}

/** Without a cache, so that every answer is today's; with the import of k3s. */
export const COREFILE = `.:53 {
  errors
  ready
  kubernetes cluster.local in-addr.arpa ip6.arpa {
    fallthrough in-addr.arpa ip6.arpa
  }
  forward . /etc/resolv.conf
  reload
  import /etc/coredns/custom/*.override
}
`;

const LABELS = { 'k8s-app': 'coredns' };
const metadata = { name: 'coredns', namespace: 'kube-system' };

const DNS = [
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'coredns' },
    rules: [
      { apiGroups: [''], resources: ['services', 'pods', 'namespaces'], verbs: ['list', 'watch'] },
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
    ],
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'coredns' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'coredns' },
    subjects: [{ kind: 'ServiceAccount', name: 'coredns', namespace: 'kube-system' }],
  },
  { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { Corefile: COREFILE } },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'kube-dns', namespace: 'kube-system' },
    spec: {
      clusterIP: SERVICES.dns,
      selector: LABELS,
      ports: [
        { name: 'dns', port: 53, protocol: 'UDP' },
        { name: 'dns-tcp', port: 53, protocol: 'TCP' },
      ],
    },
  },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: {
      // DNS survives the loss of a node.
      replicas: 2,
      selector: { matchLabels: LABELS },
      template: {
        metadata: { labels: LABELS },
        spec: {
          serviceAccountName: 'coredns',
          dnsPolicy: 'Default',
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: 'kubernetes.io/hostname',
              whenUnsatisfiable: 'ScheduleAnyway',
              labelSelector: { matchLabels: LABELS },
            },
          ],
          containers: [
            {
              name: 'coredns',
              image: 'localhost/coredns:1',
              args: ['-conf', '/etc/coredns/Corefile'],
              readinessProbe: { httpGet: { path: '/ready', port: 8181 }, periodSeconds: 1 },
              volumeMounts: [
                { name: 'config', mountPath: '/etc/coredns', readOnly: true },
                { name: 'custom', mountPath: '/etc/coredns/custom', readOnly: true },
              ],
            },
          ],
          volumes: [
            { name: 'config', configMap: { name: 'coredns' } },
            { name: 'custom', configMap: { name: 'coredns-custom', optional: true } },
          ],
        },
      },
    },
  },
];
