import type { Environment } from './environment';

/** Operations on a cluster, and their expected results. */
export interface Scenario {
  /** `npm run e2e -- NAME` runs only this one. */
  readonly name: string;
  /** Whether it acts on nodes or on the LAN: it does not run on the cluster of KUBECONFIG. */
  readonly needsOwnCluster?: boolean;
  /** Whether it takes minutes, and runs only with `--full`. */
  readonly isLong?: boolean;
  run(environment: Environment): Promise<void>;
}
