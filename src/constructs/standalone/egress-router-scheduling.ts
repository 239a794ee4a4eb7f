import type * as kplus from 'cdk8s-plus-28';

/**
 * On which nodes a standalone router may run. For other placement rules, use
 * `router.standalone?.deployment.scheduling`.
 */
export interface EgressRouterScheduling {
  /**
   * Nodes on which the router may run: those that match any of these. They should have the same parent interface, and
   * on OpenStack and vSphere be prepared for the router's MAC address.
   *
   * @default - any node
   */
  readonly attract?: kplus.LabeledNode[];

  /**
   * Tainted nodes on which the router may run as well.
   *
   * @default - none
   */
  readonly tolerate?: kplus.TaintedNode[];

  /**
   * Name of a PriorityClass.
   *
   * @default - the cluster's default
   */
  readonly priorityClassName?: string;
}
