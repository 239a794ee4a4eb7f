import type { World } from './world';

/** What somebody does with a cluster, and what comes of it. */
export interface Story {
  /** `npm run e2e -- NAME` tells this one alone. */
  readonly name: string;
  /** Whether it acts on nodes or on the LAN: not told on the cluster that KUBECONFIG names. */
  readonly needsPower?: boolean;
  /** Whether it takes minutes, and is told with `--full` only. */
  readonly isLong?: boolean;
  tell(world: World): Promise<void>;
}
