import type { Duration } from 'cdk8s';

/** What happens when a node or the router on it ends. */
export interface EgressRouterFailover {
  /**
   * How long the router stays bound to a node that stopped answering, once the cluster has noticed (40 to 50 seconds
   * with Kubernetes' defaults). In whole seconds.
   *
   * @default Duration.seconds(2)
   */
  readonly evictFromUnreachableAfter?: Duration;

  /**
   * How long the router stays on a node that says it is not ready, such as while its container runtime restarts. In
   * whole seconds.
   *
   * @default Duration.seconds(10)
   */
  readonly evictFromNotReadyAfter?: Duration;

  /**
   * How long the router's process may take to end. In whole seconds.
   *
   * @default Duration.seconds(5)
   */
  readonly terminationGracePeriod?: Duration;

  /**
   * How long a starting router waits for another holder of its address to leave, before it fails with the holder's
   * MAC address. In whole seconds, at most 120.
   *
   * @default Duration.seconds(10)
   */
  readonly conflictWait?: Duration;

  /**
   * Whether a drain of the router's node waits until somebody moves the router by hand: a PodDisruptionBudget that
   * never allows the one replica to go while it is ready.
   *
   * @default false
   * @see https://kubernetes.io/docs/tasks/run-application/configure-pdb/#unhealthy-pod-eviction-policy
   */
  readonly blockDrain?: boolean;
}
