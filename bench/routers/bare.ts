import { createHash } from 'node:crypto';
import { ApiObject, type Chart } from 'cdk8s';
import { IMAGE, NAMESPACE, networkConfig, type RouterInput, serveArguments } from './input';

/**
 * The objects of one router as literals: written from memory, without checks. No
 * object is shared or copied between routers, because a user's own template would not do that either.
 */
export function bare(chart: Chart, { name, octets }: RouterInput): void {
  const config = networkConfig(name, octets);
  new ApiObject(chart, `${name}-network`, {
    apiVersion: 'k8s.cni.cncf.io/v1',
    kind: 'NetworkAttachmentDefinition',
    metadata: {
      name,
      namespace: NAMESPACE,
      labels: { 'app.kubernetes.io/name': 'egress-router', 'app.kubernetes.io/instance': name },
    },
    spec: { config: JSON.stringify(config, undefined, 2) },
  });
  new ApiObject(chart, `${name}-own-egress`, {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: {
      name: `${name}-own-egress`,
      namespace: NAMESPACE,
      labels: { 'app.kubernetes.io/name': 'egress-router', 'app.kubernetes.io/instance': name },
    },
    spec: {
      podSelector: {
        matchLabels: { 'app.kubernetes.io/name': 'egress-router', 'app.kubernetes.io/instance': name },
      },
      policyTypes: ['Egress'],
    },
  });
  new ApiObject(chart, `${name}-deployment`, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name,
      namespace: NAMESPACE,
      labels: { 'app.kubernetes.io/name': 'egress-router', 'app.kubernetes.io/instance': name },
    },
    spec: {
      progressDeadlineSeconds: 600,
      replicas: 1,
      selector: {
        matchLabels: { 'app.kubernetes.io/name': 'egress-router', 'app.kubernetes.io/instance': name },
      },
      strategy: { type: 'Recreate' },
      template: podTemplate(
        name,
        serveArguments(name, octets),
        createHash('sha256').update(JSON.stringify(config)).digest('hex').slice(0, 32),
      ),
    },
  });
  new ApiObject(chart, `${name}-service`, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name,
      namespace: NAMESPACE,
      labels: { 'app.kubernetes.io/name': 'egress-router', 'app.kubernetes.io/instance': name },
    },
    spec: {
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      ports: [
        { name: 'udp-80', port: 80, protocol: 'UDP' },
        { name: 'tcp-8080', port: 8080, protocol: 'TCP' },
        { name: 'tcp-8443', port: 8443, protocol: 'TCP' },
      ],
      selector: { 'app.kubernetes.io/name': 'egress-router', 'app.kubernetes.io/instance': name },
      type: 'ClusterIP',
    },
  });
}

function podTemplate(name: string, args: readonly string[], configHash: string): object {
  return {
    metadata: {
      annotations: {
        'cdk8s-egress-router/network-config-hash': configHash,
        'consul.hashicorp.com/connect-inject': 'false',
        'linkerd.io/inject': 'disabled',
        'k8s.v1.cni.cncf.io/networks': `[{"name":"${name}","interface":"net1","namespace":"${NAMESPACE}"}]`,
      },
      labels: {
        'app.kubernetes.io/name': 'egress-router',
        'app.kubernetes.io/instance': name,
        'cdk8s.io/metadata.addr': name,
        'istio.io/dataplane-mode': 'none',
        'kuma.io/sidecar-injection': 'disabled',
        'sidecar.istio.io/inject': 'false',
      },
    },
    spec: {
      automountServiceAccountToken: false,
      containers: [
        {
          name: 'egress-router',
          image: IMAGE,
          imagePullPolicy: 'IfNotPresent',
          command: ['/egress-router'],
          args,
          ports: [{ name: 'health', containerPort: 9180, protocol: 'TCP' }],
          livenessProbe: {
            httpGet: { path: '/livez', port: 9180, scheme: 'HTTP' },
            periodSeconds: 10,
            timeoutSeconds: 2,
            failureThreshold: 3,
          },
          readinessProbe: {
            httpGet: { path: '/readyz', port: 9180, scheme: 'HTTP' },
            periodSeconds: 1,
            timeoutSeconds: 1,
            failureThreshold: 2,
          },
          resources: { limits: { memory: '128Mi' }, requests: { cpu: '10m', memory: '64Mi' } },
          securityContext: {
            allowPrivilegeEscalation: false,
            capabilities: { drop: ['ALL'] },
            privileged: false,
            readOnlyRootFilesystem: true,
            runAsNonRoot: true,
            seccompProfile: { type: 'RuntimeDefault' },
          },
        },
      ],
      dnsPolicy: 'ClusterFirst',
      enableServiceLinks: false,
      restartPolicy: 'Always',
      securityContext: { fsGroupChangePolicy: 'Always', runAsNonRoot: true },
      terminationGracePeriodSeconds: 5,
      tolerations: [
        { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 2 },
        { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 10 },
      ],
    },
  };
}
