import type * as kplus from 'cdk8s-plus-28';
import type { ClusterDefault } from './cluster-default';
import type { DnsResolver } from './dns-resolver';
import type { EgressRouterConnectionTimeouts } from './egress-router-connection-timeouts';
import type { EgressRouterFailover } from './egress-router-failover';
import type { EgressRouterMonitoring } from './egress-router-monitoring';
import type { EgressRouterScheduling } from './egress-router-scheduling';
import type { Link } from './link';

/** What only a standalone router has. On an `EgressRouterCluster` these are the defaults of its routers. */
export interface StandaloneRouterOptions {
  /**
   * Image of the router. Its `/egress-router serve` answers probes. Required, here or on the cluster.
   *
   * @default - the cluster's
   */
  readonly image?: string;

  /**
   * When the image is pulled: clusters that rebuild a tag, or that forbid pulls, need another policy.
   *
   * @default - the cluster's; ImagePullPolicy.IF_NOT_PRESENT when it names none
   */
  readonly imagePullPolicy?: kplus.ImagePullPolicy;

  /**
   * Secret with the credentials of the image's registry.
   *
   * @default - the cluster's; none when it names none
   */
  readonly dockerRegistryAuth?: kplus.ISecret;

  /**
   * Compute resources of the router's process, for namespaces with quotas. The kernel forwards packets, so traffic does
   * not add to the CPU or memory of the process. The given object replaces the default as a whole.
   *
   * @default - requests 10m CPU and 64Mi memory, limits memory to 128Mi; with `liveRules`, `ruleMetrics` or `standby`
   * to 256Mi, and with `standby` requests 100m CPU
   */
  readonly resources?: kplus.ContainerResources;

  /**
   * How net1 is connected to the LAN: `Link.macvlan({ … })`.
   *
   * @default - the cluster's; macvlan in bridge mode when it names none
   */
  readonly link?: Link;

  /**
   * Nodes that the router may run on: reserved IPs often work on some nodes only.
   *
   * @default - the cluster's; any node when it names none
   */
  readonly scheduling?: EgressRouterScheduling;

  /**
   * What happens when a node or the router on it ends.
   *
   * @default - the cluster's; 2 s after the cluster marks the node unreachable, 10 s after it marks it not ready
   */
  readonly failover?: EgressRouterFailover;

  /**
   * Whether a second pod, the standby, stands ready on another node: it takes the address over when the first pod's
   * node, LAN or process fails, and before that pod is deleted. One standby is possible. Every reserved address needs a
   * gateway, and the cluster's nodes, switches and clouds have to let a second MAC address pass
   * (`router.standbyMacAddress`).
   *
   * The containers then run as root with the capabilities NET_ADMIN and NET_RAW, which only the *privileged* Pod
   * Security level admits, and have the token of a service account of their own, whose Role only an administrator of
   * the cluster can apply: those of a namespace may not write EndpointSlices.
   *
   * @default - the cluster's; false when it says nothing
   * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/
   */
  readonly standby?: boolean;

  /**
   * Secret with the key that the pods of a router with a `standby` sign their heartbeats with, in its member `key`: 16
   * bytes or more. For `standby`, and of one router.
   *
   * @default - the pods make a Secret with the name of the router's Service and `-pair`
   */
  readonly standbyKeySecret?: kplus.ISecret;

  /**
   * When the router's kernel forgets connections without packets: shorter times free source ports earlier, longer ones
   * suit clients that are silent for long.
   *
   * @default - the cluster's; those of EgressRouterConnectionTimeouts when it says nothing
   */
  readonly connectionTimeouts?: EgressRouterConnectionTimeouts;

  /**
   * How many connections one client address may have at once to one port of a server, 1 to 4000. Further ones are
   * dropped until others end. All clients share the source ports of the reserved address, some 64,000 for each port of
   * a server: without a limit one client can use them up.
   *
   * @default - the cluster's; no limit when it says nothing
   */
  readonly connectionsPerClient?: number;

  /**
   * TCP port of `/readyz`, `/livez` and `/metrics` in the router's pod, 1024 to 65535. No rule can redirect it, which
   * is why it can be moved.
   *
   * @default - the cluster's; 9180 when it names none
   */
  readonly healthPort?: number;

  /**
   * Whether a starting router asks the LAN if another host holds its address. Networks whose switches answer for every
   * address (proxy ARP) need `false`.
   *
   * @default - the cluster's; true when it says nothing
   */
  readonly detectConflicts?: boolean;

  /**
   * How often a starting router announces its addresses to the LAN, 1 to 10. Lossy LANs need more. It is a value of the
   * plugin's configuration, where a JSON patch does not reach.
   *
   * @default - the cluster's; 3 when it says nothing
   */
  readonly announcements?: number;

  /**
   * How many ARP frames a second the router sends while it starts, at most, 1 to 10. Access switches shut a port above
   * a limit, 15 on Cisco's. Routers that start on one node take turns anyway, so that they send 10 in sum; a lower pace
   * spaces the router's own frames, and its pod starts later.
   *
   * @default - the cluster's; 10 when it says nothing
   */
  readonly arpFramesPerSecond?: number;

  /**
   * Name of the CNI plugin: the file's name on the nodes. On OKD and OpenShift it must not be `egress-router`, which
   * the operator puts there itself.
   *
   * @default - the cluster's; "egress-router" when it names none
   */
  readonly pluginName?: string;

  /**
   * Whether the NetworkAttachmentDefinition and the Deployment carry the names that OKD's operator gives them
   * (`egress-router-cni-nad`, `egress-router-cni-deployment`) and its label `app: egress-router-cni`, so that commands
   * written for OKD keep working. Such a router is the only one of its namespace.
   *
   * @default - the cluster's; false when it says nothing
   */
  readonly operatorNames?: boolean;

  /**
   * Whether a changed rule or fallback takes effect in the running router, without a restart and without a change for
   * other connections. The rules are in a ConfigMap with the router's name, which kubelet brings into the pod within 60
   * to 90 seconds.
   *
   * The container then runs as root with the capability NET_ADMIN, which only the *privileged* Pod Security level
   * admits: a namespace that enforces *restricted* or *baseline* never gets a pod. Synth refuses that where the app has
   * the Namespace.
   *
   * @default - the cluster's; false when it says nothing
   * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/
   */
  readonly liveRules?: boolean;

  /**
   * DNS servers for hosts without addresses, which the router asks again and again. It needs `liveRules`, and
   * `podCidrs` and `serviceCidrs` of the cluster. Without `liveRules` it has no effect, so that a cluster can name it
   * for all its routers.
   *
   * @default - the cluster's; when it names none, each host has to say its addresses
   */
  readonly resolver?: DnsResolver;

  /**
   * Whether `/metrics` has connections, packets and bytes of each rule, and the source ports in use. The kernel then
   * counts.
   *
   * The container then runs as root with the capability NET_ADMIN, which only the *privileged* Pod Security level
   * admits.
   *
   * @default - the cluster's; false when it says nothing
   * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/
   */
  readonly ruleMetrics?: boolean;

  /**
   * Whether the running router watches the LAN for another host with its address: it defends the address, names the
   * host in the log, the metrics and an alert, and stays ready.
   *
   * The container then runs as root with the capability NET_RAW, which only the *privileged* Pod Security level admits.
   *
   * @default - the cluster's; false when it says nothing
   * @see https://www.rfc-editor.org/rfc/rfc5227#section-2.4
   */
  readonly watchConflicts?: boolean;

  /**
   * A PodMonitor and a PrometheusRule for the Prometheus operator; `{}` makes both. A router with a NetworkPolicy
   * admits Prometheus to its health port by `monitoring.from`. `{ podMonitor: false, alerts: false }` turns the
   * cluster's off.
   *
   * @default - the cluster's; none when it says nothing
   */
  readonly monitoring?: EgressRouterMonitoring;

  /**
   * Options of the cluster that do not apply to this router: without a value of its own, it has the library's default.
   * For the options that no value turns off; any other is set back by its default value, such as `false`, 9180 or `[]`.
   * Of one router, not of a cluster.
   *
   * @default - none: each option of the cluster is a default
   */
  readonly ignoreDefaults?: ClusterDefault[];
}

/** Every key of `StandaloneRouterOptions`, for input that no compiler checked; the type makes it complete. */
const KEYS: Record<keyof StandaloneRouterOptions, true> = {
  image: true,
  imagePullPolicy: true,
  dockerRegistryAuth: true,
  resources: true,
  link: true,
  scheduling: true,
  failover: true,
  standby: true,
  standbyKeySecret: true,
  connectionTimeouts: true,
  connectionsPerClient: true,
  healthPort: true,
  detectConflicts: true,
  announcements: true,
  arpFramesPerSecond: true,
  pluginName: true,
  operatorNames: true,
  liveRules: true,
  resolver: true,
  ruleMetrics: true,
  watchConflicts: true,
  monitoring: true,
  ignoreDefaults: true,
};
export const STANDALONE_ROUTER_KEYS = Object.keys(KEYS);
