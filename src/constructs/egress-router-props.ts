import type { ApiObjectMetadata } from 'cdk8s';
import type * as kplus from 'cdk8s-plus-28';
import type { Field } from '../domain/input/decoder';
import { nearest } from '../domain/input/nearest';
import type { EgressRouterServiceOptions } from './clients/egress-router-service-options';
import type { EgressRouterCluster } from './cluster/egress-router-cluster';
import type { EgressRouterNetwork } from './cluster/egress-router-network';
import type { EgressRouterAddress } from './egress-router-address';
import type { EgressRouterHost } from './egress-router-host';
import type { RedirectRule } from './redirect-rule';
import type { RouterMode } from './router-mode';
import { STANDALONE_ROUTER_KEYS } from './standalone/standalone-router-options';

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
   * The LAN of the reserved addresses: their prefix length, gateway and parent interface, and with them the cluster.
   *
   * @default - each address says its own prefix length and gateway
   */
  readonly network?: EgressRouterNetwork;

  /**
   * Who makes the objects that run the router, with the options of that mode.
   *
   * @default - the cluster's; RouterMode.operator() when it names none
   */
  readonly mode?: RouterMode;

  /** Reserved source addresses: one IPv4, one IPv6, or one of each. Operator mode takes one IPv4 address. */
  readonly addresses: EgressRouterAddress[];

  /**
   * Where connections go, by port. More can be added with `addRedirectRule()`.
   *
   * @default - none: `fallbackIp` takes every port
   */
  readonly redirectRules?: RedirectRule[];

  /**
   * Destinations by name, beside the rules: clients use the name and the real ports. More can be added with
   * `addHost()`. A router with hosts alone has the ports that stand for theirs on its own Service, 10000 to 29999.
   *
   * @default - none
   */
  readonly hosts?: EgressRouterHost[];

  /**
   * Address that connections to a port without a rule go to, without prefix length. The custom resource has it too; the
   * operator's plugin of 2026 does not read it, and synth prints a warning.
   *
   * @default - such connections are refused
   */
  readonly fallbackIp?: string;

  /**
   * The Service through which clients reach the router.
   *
   * @default - a ClusterIP Service with the router's name and one port for each rule
   */
  readonly service?: EgressRouterServiceOptions;

  /**
   * Peers that may use the router: a NetworkPolicy admits them to the router's ports, and no other client. It takes
   * effect where the cluster network enforces NetworkPolicies. `EgressRouter.allowFrom()` adds more.
   *
   * @default - every pod of the cluster; no NetworkPolicy
   */
  readonly allowFrom?: kplus.INetworkPolicyPeer[];

  /**
   * Argo CD's sync wave of the router's objects. The NetworkAttachmentDefinition and the ConfigMap of
   * `liveRules` get this number minus one, because the pod cannot start without them. An annotation of your own in
   * `metadata` wins.
   *
   * @default - the cluster's; no annotation when it has none
   * @see https://argo-cd.readthedocs.io/en/stable/user-guide/sync-waves/
   */
  readonly argoCdSyncWave?: number;
}

/** Every key of `EgressRouterProps`, for input that no compiler checked; the type makes it complete. */
const KEYS: Record<keyof EgressRouterProps, true> = {
  metadata: true,
  cluster: true,
  network: true,
  mode: true,
  addresses: true,
  redirectRules: true,
  hosts: true,
  fallbackIp: true,
  service: true,
  allowFrom: true,
  argoCdSyncWave: true,
};
export const EGRESS_ROUTER_KEYS = Object.keys(KEYS);

/** Where a key belongs that users of the custom resource, or of one mode, write among the props. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ...STANDALONE_ROUTER_KEYS.map((key) => [key, `mode: RouterMode.standalone({ ${key} })`] as const),
  ...['name', 'namespace', 'labels', 'annotations'].map((key) => [key, `metadata: { ${key} }`] as const),
  ...['ip', 'gateway'].map((key) => [key, `addresses: [{ ${key} }]`] as const),
  ...['clusterIp', 'serviceName', 'type', 'ports'].map((key) => [key, 'service: { … }'] as const),
  ...['parentInterface', 'mtu', 'master'].map(
    (key) => [key, 'mode: RouterMode.standalone({ link: Link.macvlan({ … }) })'] as const,
  ),
  ...['blockDrain', 'conflictWait'].map(
    (key) => [key, `mode: RouterMode.standalone({ failover: { ${key} } })`] as const,
  ),
  ['nodeSelector', 'mode: RouterMode.standalone({ scheduling: { attract: [Node.labeled(…)] } })'],
  ['macAddress', 'mode: RouterMode.standalone({ link: Link.macvlan({ macAddress }) })'],
  ['networkInterface', 'mode: RouterMode.standalone({ link: Link.macvlan({ … }) })'],
  ['platform', 'platform of the EgressRouterCluster'],
  ['provisioning', 'mode'],
  ['redirect', 'redirectRules and fallbackIp, without redirect around them'],
]);

/**
 * Refuses props that are unknown, with what was probably meant.
 *
 * @param isSubclass whether a class of the user's may have props of its own: then only what looks like a mistake is
 * refused
 */
export function refuseUnknownProps(props: Field, isSubclass: boolean): void {
  const hint = (key: string) => ELSEWHERE.get(key) ?? nearest(key, EGRESS_ROUTER_KEYS);
  for (const key of props.unknownKeys(EGRESS_ROUTER_KEYS)) {
    const meant = hint(key);
    if (meant !== undefined || !isSubclass) props.member(key).refuseKey(meant, EGRESS_ROUTER_KEYS);
  }
}
