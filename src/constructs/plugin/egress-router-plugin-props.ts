import type { ApiObjectMetadata } from 'cdk8s';
import type * as kplus from 'cdk8s-plus-28';
import type { EgressRouterCluster } from '../cluster/egress-router-cluster';
import type { ClusterDefault } from '../standalone/cluster-default';

/** What runs the nodes: it decides where their container runtime looks for plugins. */
export enum NodeFlavour {
  /**
   * Plain Kubernetes, such as kubeadm's, and most others: `/opt/cni/bin`.
   *
   * @see https://github.com/containerd/containerd/blob/main/docs/cri/config.md
   */
  KUBERNETES = 'kubernetes',
  /**
   * OKD and OpenShift: `/var/lib/cni/bin`. A RoleBinding lets the pods use the `privileged` security context
   * constraints.
   *
   * @see https://github.com/openshift/cluster-network-operator/blob/master/pkg/network/multus.go
   */
  OKD = 'okd',
  /**
   * k3s of October 2024 (v1.28.15, v1.29.10, v1.30.6, v1.31.2) or newer: `/var/lib/rancher/k3s/data/cni`. Older ones
   * have `/var/lib/rancher/k3s/data/current/bin`.
   *
   * @see https://docs.k3s.io/networking/multus-ipams
   */
  K3S = 'k3s',
  /**
   * RKE2: `/opt/cni/bin`.
   *
   * @see https://docs.rke2.io/networking/multus_sriov
   */
  RKE2 = 'rke2',
}

/** Properties for `EgressRouterPlugin`. */
export interface EgressRouterPluginProps {
  /**
   * Name, namespace, labels and annotations of the objects. The name is a DNS-1123 label.
   *
   * @default - the construct's id is the name, and the chart's namespace the namespace
   */
  readonly metadata?: ApiObjectMetadata;

  /**
   * The cluster whose nodes get the plugin.
   *
   * @default - the one of routers that name none
   */
  readonly cluster?: EgressRouterCluster;

  /**
   * Image with the plugin: the routers' own.
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
   * Secret with the credentials of the image's registry, in the namespace of the plugin.
   *
   * @default - the cluster's; none when it names none
   */
  readonly dockerRegistryAuth?: kplus.ISecret;

  /**
   * Defaults of the cluster that the installer ignores: credentials for the image's registry have no value that means
   * none.
   *
   * @default - none: `[ClusterDefault.DOCKER_REGISTRY_AUTH]` is the only one that applies
   */
  readonly ignoreDefaults?: ClusterDefault[];

  /**
   * Compute resources of the installer. Reading and writing the executable fills page cache, which the kernel takes
   * back.
   *
   * @default - requests 10m CPU and 64Mi memory, limits memory to 512Mi
   */
  readonly resources?: kplus.ContainerResources;

  /**
   * Name of the plugin: the file's name on the nodes. With `NodeFlavour.OKD` it must not be `egress-router`.
   *
   * @default - the cluster's; "egress-router" when it names none
   */
  readonly pluginName?: string;

  /**
   * What runs the nodes.
   *
   * @default NodeFlavour.KUBERNETES
   */
  readonly nodeFlavour?: NodeFlavour;

  /**
   * Directory on the nodes in which their container runtime looks for plugins. It has to be there.
   *
   * @default - the flavour's
   */
  readonly cniBinDirectory?: string;

  /**
   * The interface that is tried before a node counts as ready: the parent interface of the cluster's routers.
   *
   * @default - the interface of the node's default route
   */
  readonly parentInterface?: string;

  /**
   * Labels of the nodes that get the plugin.
   *
   * @default - every Linux node
   */
  readonly nodeLabels?: { readonly [label: string]: string };

  /**
   * Whether the plugin is taken off the nodes instead. A node is ready when it is gone, and stays unready while a
   * router runs there. Delete the DaemonSet afterwards: deleting alone leaves the plugin where it is.
   *
   * @default false
   */
  readonly uninstall?: boolean;
}

/** Every key of `EgressRouterPluginProps`, for input that no compiler checked; the type makes it complete. */
const KEYS: Record<keyof EgressRouterPluginProps, true> = {
  metadata: true,
  cluster: true,
  image: true,
  imagePullPolicy: true,
  dockerRegistryAuth: true,
  ignoreDefaults: true,
  resources: true,
  pluginName: true,
  nodeFlavour: true,
  cniBinDirectory: true,
  parentInterface: true,
  nodeLabels: true,
  uninstall: true,
};
export const EGRESS_ROUTER_PLUGIN_KEYS = Object.keys(KEYS);
