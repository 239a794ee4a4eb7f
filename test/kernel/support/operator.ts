import { loadAll } from 'js-yaml';

/** How the Cluster Network Operator calls the Deployment of each namespace's router. */
export const OPERATOR_DEPLOYMENT = 'egress-router-cni-deployment';

const NETWORK = 'egress-router-cni-nad';

/** An EgressRouter resource, as the library writes it. */
interface Resource {
  readonly kind: string;
  readonly spec: {
    readonly addresses: readonly { readonly ip: string; readonly gateway: string }[];
    readonly redirect: { readonly redirectRules: readonly Rule[]; readonly fallbackIP?: string };
  };
}

interface Rule {
  readonly port: number;
  readonly protocol: string;
  readonly destinationIP: string;
  readonly targetPort?: number;
}

/**
 * What the operator makes of the one EgressRouter among the manifests. The pod's template is always the same, so that a
 * change of the resource changes the NetworkAttachmentDefinition alone.
 *
 * @see https://github.com/openshift/cluster-network-operator/tree/2a6a57f/bindata/egress-router
 */
export function renderedByOperator(yaml: string): string {
  const { spec } = (loadAll(yaml) as Resource[]).find(({ kind }) => kind === 'EgressRouter')!;
  const config = {
    cniVersion: '0.4.0',
    type: 'egress-router',
    name: NETWORK,
    ip: {
      addresses: spec.addresses.map(({ ip }) => ip),
      gateway: spec.addresses[0]!.gateway,
      destinations: spec.redirect.redirectRules.map(({ port, protocol, destinationIP, targetPort }) =>
        [port, protocol, destinationIP, targetPort].filter((word) => word !== undefined).join(' '),
      ),
      fallbackIP: spec.redirect.fallbackIP,
    },
    log_file: '/tmp/egress-router-log',
    log_level: 'debug',
  };
  const template = {
    metadata: {
      annotations: {
        'k8s.v1.cni.cncf.io/networks': JSON.stringify([
          { name: NETWORK, 'default-route': [spec.addresses[0]!.gateway] },
        ]),
      },
    },
    spec: { containers: [{ name: 'egress-router-cni-pod' }] },
  };
  const manifests = [
    { kind: 'NetworkAttachmentDefinition', metadata: { name: NETWORK }, spec: { config: JSON.stringify(config) } },
    { kind: 'Deployment', metadata: { name: OPERATOR_DEPLOYMENT }, spec: { template } },
  ];
  return manifests.map((manifest) => JSON.stringify(manifest)).join('\n---\n');
}
