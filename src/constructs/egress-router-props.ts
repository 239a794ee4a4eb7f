import type { ApiObjectMetadata } from 'cdk8s';
import type * as kplus from 'cdk8s-plus-28';
import type { Platform } from '../domain/router/platform';
import type { Provisioning } from '../domain/router/router-spec';
import type { EgressRouterAddress } from './egress-router-address';
import type { EgressRouterCluster } from './egress-router-cluster';
import type { EgressRouterFailover } from './egress-router-failover';
import type { EgressRouterMonitoring } from './egress-router-monitoring';
import type { EgressRouterScheduling } from './egress-router-scheduling';
import type { EgressRouterServiceOptions } from './egress-router-service-options';
import type { NetworkInterface } from './network-interface';
import type { RedirectRule } from './redirect-rule';

/** How a router redirects. Redirect mode is the only one; the proxy modes of OpenShift's SDN router are refused. */
export enum EgressRouterMode {
  /** Connections go on to the destination of their port's rule. */
  REDIRECT = 'Redirect',
}

/**
 * Properties for `EgressRouter`. Names and meanings are those of the EgressRouter custom resource, in camelCase; what
 * goes beyond it says so.
 *
 * @see https://github.com/openshift/api/blob/master/networkoperator/v1/types_egressrouter.go
 */
export interface EgressRouterProps {
  /**
   * Name, namespace, labels and annotations of the router's objects. The name is a DNS-1035 label.
   *
   * @default - the construct's id is the name, and the chart's namespace the namespace
   */
  readonly metadata?: ApiObjectMetadata;

  /**
   * The cluster that the router belongs to: what its routers have in common, and within which addresses, MACs and
   * names are unique.
   *
   * @default - one cluster for all routers of the app that name none
   */
  readonly cluster?: EgressRouterCluster;

  /**
   * Who makes the objects that run the router.
   *
   * @default - the cluster's; Provisioning.OPERATOR when it names none
   */
  readonly provisioning?: Provisioning;

  /**
   * Where the nodes run. A platform that cannot carry a second MAC address is refused, with the reason.
   *
   * @default - the cluster's; not checked when it names none
   */
  readonly platform?: Platform;

  /**
   * How the router redirects.
   *
   * @default EgressRouterMode.REDIRECT
   */
  readonly mode?: EgressRouterMode;

  /** Reserved source addresses: one IPv4, one IPv6, or one of each. Operator mode takes one IPv4 address. */
  readonly addresses: EgressRouterAddress[];

  /**
   * Where connections go, by port. More can be added with `addRedirectRule()`.
   *
   * @default - none: `fallbackIp` takes every port
   */
  readonly redirectRules?: RedirectRule[];

  /**
   * Address to which connections to any port without a rule go, without prefix length. In operator mode nothing reads it, and
   * synth says so.
   *
   * @default - such connections are refused
   */
  readonly fallbackIp?: string;

  /**
   * The interface through which packets leave. The operator does not pass it on, and synth says so.
   *
   * @default - macvlan in bridge mode on the interface of the node's default route
   */
  readonly networkInterface?: NetworkInterface;

  /**
   * MAC address of the reserved address on the network. Standalone only.
   *
   * @default - derived from the reserved IP: the same on every node and after every restart
   */
  readonly macAddress?: string;

  /**
   * Name of the CNI plugin: the file's name on the nodes. Standalone only.
   *
   * @default - the cluster's; "egress-router" when it names none
   */
  readonly pluginName?: string;

  /**
   * Image of the router. Its `/egress-router serve` answers probes. Standalone only, and required there.
   *
   * @default - the cluster's
   */
  readonly image?: string;

  /**
   * When the image is pulled. Standalone only.
   *
   * @default ImagePullPolicy.IF_NOT_PRESENT
   */
  readonly imagePullPolicy?: kplus.ImagePullPolicy;

  /**
   * Secret with the credentials of the image's registry. Standalone only.
   *
   * @default - none
   */
  readonly dockerRegistryAuth?: kplus.ISecret;

  /**
   * Compute resources of the router's process. Packets are handled by the kernel and do not count. Standalone only.
   *
   * @default - requests 10m CPU and 64Mi memory, limits memory to 128Mi; with `liveRules` or `ruleMetrics` to 256Mi
   */
  readonly resources?: kplus.ContainerResources;

  /**
   * On which nodes the router may run. Standalone only.
   *
   * @default - any node
   */
  readonly scheduling?: EgressRouterScheduling;

  /**
   * What happens when a node or the router on it ends. Standalone only.
   *
   * @default - a router leaves an unreachable node within seconds
   */
  readonly failover?: EgressRouterFailover;

  /**
   * TCP port of `/readyz`, `/livez` and `/metrics` in the router's pod, 1024 to 65535. No rule can take it. Standalone
   * only.
   *
   * @default 9180
   */
  readonly healthPort?: number;

  /**
   * Whether a starting router asks the network if somebody else holds its address. Standalone only.
   *
   * @default true
   */
  readonly detectConflicts?: boolean;

  /**
   * How often a starting router announces its addresses to the network, 1 to 10. Standalone only.
   *
   * @default 3
   */
  readonly announcements?: number;

  /**
   * Whether the NetworkAttachmentDefinition and the Deployment carry the names that OKD's operator gives them
   * (`egress-router-cni-nad`, `egress-router-cni-deployment`) and its label `app: egress-router-cni`, so that commands
   * written for OKD keep working. One router a namespace can. Standalone only.
   *
   * @default false
   */
  readonly operatorNames?: boolean;

  /**
   * Whether a changed rule or fallback takes effect in the running router, without a restart and without a word to other
   * connections. The rules are in a ConfigMap with the router's name, which kubelet brings into the pod within 60 to 90 seconds.
   *
   * The container then runs as root with the capability NET_ADMIN, which only the *privileged* Pod Security level admits: a
   * namespace that enforces *restricted* or *baseline* never gets a pod. Where the app has that Namespace, synth says so.
   * Standalone only.
   *
   * @default false
   * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/
   */
  readonly liveRules?: boolean;

  /**
   * Whether `/metrics` has connections, packets and bytes of each rule, and the source ports in use. The kernel then counts.
   *
   * The container then runs as root with the capability NET_ADMIN, which only the *privileged* Pod Security level admits.
   * Standalone only.
   *
   * @default false
   * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/
   */
  readonly ruleMetrics?: boolean;

  /**
   * Whether the running router watches the network for another host with its address: it answers once, and is not ready while
   * the other one stays.
   *
   * The container then runs as root with the capability NET_RAW, which only the *privileged* Pod Security level admits.
   * Standalone only.
   *
   * @default false
   * @see https://www.rfc-editor.org/rfc/rfc5227#section-2.4
   */
  readonly watchConflicts?: boolean;

  /**
   * A PodMonitor and a PrometheusRule for the Prometheus operator; `{}` makes both. With `allowFrom`, Prometheus has to be
   * admitted to the health port: `monitoring.from`. Standalone only.
   *
   * @default - none
   */
  readonly monitoring?: EgressRouterMonitoring;

  /**
   * The Service through which clients reach the router.
   *
   * @default - a ClusterIP Service with the router's name and one port for each rule
   */
  readonly service?: EgressRouterServiceOptions;

  /**
   * Who may use the router. A NetworkPolicy admits these peers to the router's ports, and nobody else. It takes effect
   * where the cluster network enforces NetworkPolicies.
   *
   * @default - everybody in the cluster; no NetworkPolicy
   */
  readonly allowFrom?: kplus.INetworkPolicyPeer[];

  /**
   * Argo CD's sync wave of the router's objects. The NetworkAttachmentDefinition comes one wave earlier, because Argo
   * CD applies custom resources last within a wave, and pods cannot start before it; so does the ConfigMap of `liveRules`, which
   * says the same.
   *
   * @default - no annotation
   * @see https://argo-cd.readthedocs.io/en/stable/user-guide/sync-waves/
   */
  readonly argoCdSyncWave?: number;
}

/** Every key of `EgressRouterProps`, for input that no compiler checked; the type makes it complete. */
const KEYS: Record<keyof EgressRouterProps, true> = {
  metadata: true,
  cluster: true,
  provisioning: true,
  platform: true,
  mode: true,
  addresses: true,
  redirectRules: true,
  fallbackIp: true,
  networkInterface: true,
  macAddress: true,
  pluginName: true,
  image: true,
  imagePullPolicy: true,
  dockerRegistryAuth: true,
  resources: true,
  scheduling: true,
  failover: true,
  healthPort: true,
  detectConflicts: true,
  announcements: true,
  operatorNames: true,
  liveRules: true,
  ruleMetrics: true,
  watchConflicts: true,
  monitoring: true,
  service: true,
  allowFrom: true,
  argoCdSyncWave: true,
};
export const EGRESS_ROUTER_KEYS = Object.keys(KEYS);
