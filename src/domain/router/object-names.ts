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

/** The label of every object of a router; the label `INSTANCE_LABEL` beside it has the router's name. */
export const NAME_LABEL = 'app.kubernetes.io/name';
export const NAME_LABEL_VALUE = 'egress-router';
export const INSTANCE_LABEL = 'app.kubernetes.io/instance';

/** The labels that the objects of a router find each other by. */
export const ROUTER_LABELS: readonly string[] = [NAME_LABEL, INSTANCE_LABEL];

/** The label of the Services of a router with a standby: its pods write their EndpointSlices. */
export const STANDBY_LABEL = { 'cdk8s-egress-router/standby': 'true' } as const;

/**
 * The selector of these Services. It matches no pod: without a selector, the slices of an earlier one stay for ever,
 * and with the router's own, Kubernetes would lead clients to both pods.
 */
export const STANDBY_SELECTOR = { 'cdk8s-egress-router/holder': 'written-by-the-pods' } as const;

/** The router's interface in its pod, where no other name is given: Multus counts a pod's further interfaces. */
export const ROUTER_INTERFACE = 'net1';

/** The pod's interface on the cluster network, as nearly every runtime calls it. */
export const PRIMARY_INTERFACE = 'eth0';
