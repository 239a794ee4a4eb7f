import type { Environment } from './environment';

/** A request and its result. */
export interface Question {
  /** The time of the request, in milliseconds since the epoch. */
  readonly at: number;
  /** Absent without an answer. */
  readonly peer?: string;
  readonly error?: string;
}

/** A client in its own pod that sends five requests a second, and records the results. */
export class Asker {
  private constructor(
    private readonly environment: Environment,
    private readonly namespace: string,
    private readonly name: string,
  ) {}

  /** @param request such as `tcp HOST PORT` */
  public static async start(
    environment: Environment,
    { namespace, name, node, request }: Readonly<Record<'namespace' | 'name' | 'node' | 'request', string>>,
  ): Promise<Asker> {
    await environment.startClient(namespace, name, node, ['repeat', ...request.split(' ')]);
    const asker = new Asker(environment, namespace, name);
    await asker.answered(0);
    return asker;
  }

  public questions(): Question[] {
    const lines = this.environment.kubectl
      .run(['logs', '--namespace', this.namespace, this.name])
      .trimEnd()
      .split('\n');
    return lines
      .flatMap((line): Question[] => {
        const match = /^(\d+) (answer|error) (.*)$/.exec(line);
        if (match === null) return [];
        const [, at, outcome, text] = match;
        if (outcome === 'error') return [{ at: Number(at), error: text! }];
        return [{ at: Number(at), peer: (JSON.parse(text!) as { peer: string }).peer }];
      })
      .sort((one, other) => one.at - other.at);
  }

  /** Waits for answers to three successive requests after a time. @returns the time of the first one */
  public async answered(since: number, seconds = 180): Promise<number> {
    return this.environment.until(
      `${this.name} is answered`,
      () => {
        const later = this.questions().filter(({ at }) => at >= since);
        const first = later.findIndex(
          (_, index) =>
            index + 3 <= later.length && later.slice(index, index + 3).every(({ peer }) => peer !== undefined),
        );
        return first >= 0 && later[first]!.at;
      },
      seconds,
    ) as Promise<number>;
  }

  /** The errors of requests since a time. */
  public errors(since: number): string[] {
    return this.questions().flatMap(({ at, error }) => (at >= since && error !== undefined ? [error] : []));
  }

  /**
   * The longest time between two successive answered requests, in milliseconds. @param since ignores earlier requests
   */
  public longestGap(since: number): number {
    const answered = this.questions().filter(({ peer }) => peer !== undefined);
    const times = answered.map(({ at }) => at);
    const begin = times.filter((at) => at <= since).length - 1;
    const later = times.slice(Math.max(begin, 0));
    return Math.max(...later.slice(1).map((at, index) => at - later[index]!));
  }
}
