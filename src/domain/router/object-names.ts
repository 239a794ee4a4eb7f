/**
 * The Cluster Network Operator's names for the objects of a router, in every namespace.
 *
 * @see https://github.com/openshift/cluster-network-operator/blob/master/bindata/egress-router/001-egress-router.yaml
 */
export const OPERATOR_NAMES = {
  networkAttachmentDefinition: 'egress-router-cni-nad',
  deployment: 'egress-router-cni-deployment',
  container: 'egress-router-cni-pod',
} as const;

/** The label that selects its pods. */
export const OPERATOR_LABEL = { app: 'egress-router-cni' } as const;
