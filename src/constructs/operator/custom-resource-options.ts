import type * as kplus from 'cdk8s-plus-28';
import type { EgressRouterServiceOptions } from '../clients/egress-router-service-options';
import type { EgressRouterCluster } from '../cluster/egress-router-cluster';
import type { EgressRouterNetwork } from '../cluster/egress-router-network';
import type { RouterMode } from '../router-mode';

/** What an `EgressRouter` custom resource does not say about a router. */
export interface CustomResourceOptions {
  /**
   * The cluster that the router belongs to.
   *
   * @default - one cluster for all routers of the app that name none
   */
  readonly cluster?: EgressRouterCluster;

  /**
   * The LAN of the reserved addresses.
   *
   * @default - the resource says prefix length and gateway
   */
  readonly network?: EgressRouterNetwork;

  /**
   * Who makes the objects that run the router.
   *
   * @default - the cluster's; RouterMode.operator() when it names none
   */
  readonly mode?: RouterMode;

  /**
   * The Service through which clients reach the router.
   *
   * @default - a ClusterIP Service with the router's name and one port for each rule
   */
  readonly service?: EgressRouterServiceOptions;

  /**
   * Argo CD's sync wave of the router's objects.
   *
   * @default - the cluster's; no annotation when it has none
   */
  readonly argoCdSyncWave?: number;

  /**
   * Peers that may use the router.
   *
   * @default - every pod of the cluster; no NetworkPolicy
   */
  readonly allowFrom?: kplus.INetworkPolicyPeer[];
}

/** Every key of `CustomResourceOptions`; the type makes it complete. */
const KEYS: Record<keyof CustomResourceOptions, true> = {
  cluster: true,
  network: true,
  mode: true,
  service: true,
  argoCdSyncWave: true,
  allowFrom: true,
};
export const CUSTOM_RESOURCE_OPTION_KEYS = Object.keys(KEYS);
