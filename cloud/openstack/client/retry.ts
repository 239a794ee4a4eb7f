import { OpenStackError } from './openstack-error';

/** The number of retries, and the pauses between them. */
export interface Patience {
  /** Timeout of one request, in milliseconds. */
  readonly requestTimeout: number;
  /** Total attempts if a service is overloaded, restarting or unreachable. */
  readonly tries: number;
  /** Total attempts if another writer was faster. */
  readonly races: number;
  /** Milliseconds before the second attempt, doubled for each further one, up to `longestPause`. */
  readonly firstPause: number;
  readonly longestPause: number;
}

export const PATIENCE: Patience = {
  requestTimeout: 60_000,
  tries: 6,
  races: 40,
  firstPause: 250,
  longestPause: 4000,
};

/**
 * Retries an operation after transient failures.
 *
 * @throws the last error, with the number of attempts
 */
export async function withRetries<T>(attempt: () => Promise<T>, patience: Patience): Promise<T> {
  const tries = new Tries(patience);
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      await tries.afterFailure(error);
    }
  }
}

/** Counts the failures of one operation, and waits after each. */
export class Tries {
  private failures = 0;
  private races = 0;

  public constructor(private readonly patience: Patience) {}

  /** Waits for the next attempt. @throws the error if it is permanent or the attempts are used up */
  public async afterFailure(error: unknown): Promise<void> {
    if (!(error instanceof OpenStackError)) throw error;
    const isRace = error.status === 412;
    if (!isRace && !error.isTransient) throw error;
    const count = isRace ? ++this.races : ++this.failures;
    const { tries, races, firstPause, longestPause } = this.patience;
    if (count >= (isRace ? races : tries)) {
      throw new OpenStackError(`${error.message} (after ${count} tries)`, error.status, error.type);
    }
    // A race ends with the other writer's request; a service that is down needs exponential pauses.
    const doublings = isRace ? Math.min(count, 3) - 1 : count - 1;
    await pause(Math.min(longestPause, firstPause * 2 ** doublings));
  }
}

/** Random jitter: writers that conflicted once would conflict again. */
async function pause(longest: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, longest * (0.2 + 0.8 * Math.random())));
}
