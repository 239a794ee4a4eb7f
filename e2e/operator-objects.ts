/** Identifies a router of the Cluster Network Operator in the examples. */
export interface OperatorRouter {
  readonly namespace: string;
  /** @default '192.168.12.99/24' */
  readonly address?: string;
  /** The preferred node of its first pod. @default - any */
  readonly node?: string;
}

export const OPERATOR_DEPLOYMENT = 'egress-router-cni-deployment';
export const OPERATOR_LABEL = 'app=egress-router-cni';

const NETWORK = 'egress-router-cni-nad';
const LABELS = { app: 'egress-router-cni' };
const GATEWAY = '192.168.12.1';
const ANNOTATIONS = {
  'target.workload.openshift.io/management': '{"effect": "PreferredDuringScheduling"}',
  'k8s.v1.cni.cncf.io/networks': JSON.stringify([{ name: NETWORK, 'default-route': [GATEWAY] }]),
};

/** The operator's objects for the CR of examples/okd, without the fallback. */
export function operatorConfig({ address = '192.168.12.99/24' }: OperatorRouter) {
  return {
    cniVersion: '0.4.0',
    type: 'egress-router',
    name: NETWORK,
    ip: {
      addresses: [address],
      destinations: ['80 UDP 203.0.113.25', '8080 TCP 203.0.113.26 80', '8443 TCP 203.0.113.26 443'],
      gateway: GATEWAY,
    },
    log_file: '/tmp/egress-router-log',
    log_level: 'debug',
  };
}

/**
 * The operator's NetworkAttachmentDefinition and Deployment, with the content of its templates: RollingUpdate, and the
 * default route that Multus moves to the router's network.
 *
 * @see https://github.com/openshift/cluster-network-operator/tree/2a6a57f/bindata/egress-router
 */
export function operatorObjects(router: OperatorRouter): string {
  const { namespace } = router;
  const definition = {
    apiVersion: 'k8s.cni.cncf.io/v1',
    kind: 'NetworkAttachmentDefinition',
    metadata: { name: NETWORK, namespace },
    spec: { config: JSON.stringify(operatorConfig(router)) },
  };
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: OPERATOR_DEPLOYMENT, namespace, labels: LABELS },
    spec: {
      replicas: 1,
      selector: { matchLabels: LABELS },
      template: {
        metadata: { labels: LABELS, annotations: ANNOTATIONS },
        spec: {
          affinity: affinityTo(router.node),
          // The operator's image sleeps; so does this one.
          containers: [
            {
              name: 'egress-router-cni-pod',
              image: 'localhost/client:1',
              terminationMessagePolicy: 'FallbackToLogsOnError',
              resources: { requests: { cpu: '100m' } },
            },
          ],
        },
      },
    },
  };
  return [definition, deployment].map((object) => JSON.stringify(object)).join('\n---\n');
}

/** Preferred, not required: the pod must start on another node if this one is lost. */
function affinityTo(node: string | undefined): object | undefined {
  if (node === undefined) return undefined;
  const matchExpressions = [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }];
  const wish = { weight: 100, preference: { matchExpressions } };
  return { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [wish] } };
}
