import type { Duration } from 'cdk8s';

/** What happens when a node or the router on it ends. */
export interface EgressRouterFailover {
  /**
   * Time that the router stays on a node after the cluster marked the node unreachable, in whole seconds. A longer time
   * avoids moves during short outages; Kubernetes itself needs 40 to 50 s to mark the node.
   *
   * @default Duration.seconds(2)
   */
  readonly evictFromUnreachableAfter?: Duration;

  /**
   * Time for which the router stays on a node that is not ready, such as while its container runtime restarts. In whole
   * seconds.
   *
   * @default Duration.seconds(10)
   */
  readonly evictFromNotReadyAfter?: Duration;

  /**
   * Time for which a starting router waits for another holder of its address to leave, before it fails with the
   * holder's MAC address. In whole seconds, at most 120. It is a value of the plugin's configuration, where a JSON
   * patch does not reach.
   *
   * @default Duration.seconds(10)
   */
  readonly conflictWait?: Duration;

  /**
   * Whether a drain of the router's node waits until the router is moved by hand: a PodDisruptionBudget never allows
   * the one replica to go while it is ready.
   *
   * @default false
   * @see https://kubernetes.io/docs/tasks/run-application/configure-pdb/#unhealthy-pod-eviction-policy
   */
  readonly blockDrain?: boolean;
}
