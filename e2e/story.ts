import type { World } from './world';

/** What somebody does with a cluster, and what comes of it. */
export interface Story {
  /** `npm run e2e -- NAME` tells this one alone. */
  readonly name: string;
  /** Whether it switches nodes off or cuts cables: not for a cluster that somebody needs. */
  readonly needsPower?: boolean;
  /** Whether it takes minutes, and is told with `--full` only. */
  readonly isLong?: boolean;
  tell(world: World): Promise<void>;
}
