import { OpenStackError } from './openstack-error';

/** How often, and how long to wait in between. */
export interface Patience {
  /** Milliseconds that one request may take. */
  readonly requestTimeout: number;
  /** Tries in all when a service is overloaded, restarting or out of reach. */
  readonly tries: number;
  /** Tries in all when another writer was faster. */
  readonly races: number;
  /** Milliseconds before the second try; twice as many before each further one, up to `longestPause`. */
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
 * Repeats what failed for a reason that passes.
 *
 * @throws the last error, with the number of tries
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

  /** Returns when it is time to try again. @throws the error, when it will not pass or came too often */
  public async afterFailure(error: unknown): Promise<void> {
    if (!(error instanceof OpenStackError)) throw error;
    const isRace = error.status === 412;
    if (!isRace && !error.isTransient) throw error;
    const count = isRace ? ++this.races : ++this.failures;
    const { tries, races, firstPause, longestPause } = this.patience;
    if (count >= (isRace ? races : tries)) {
      throw new OpenStackError(`${error.message} (after ${count} tries)`, error.status, error.type);
    }
    // A race is over when the other's write is done; a service that is down needs longer and longer.
    const doublings = isRace ? Math.min(count, 3) - 1 : count - 1;
    await pause(Math.min(longestPause, firstPause * 2 ** doublings));
  }
}

/** Each writer waits for another while: those who met would meet again. */
async function pause(longest: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, longest * (0.2 + 0.8 * Math.random())));
}
