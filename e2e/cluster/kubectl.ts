import { spawn, spawnSync } from 'node:child_process';

/** The result of a command. */
export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** kubectl, bound to one cluster. */
export class Kubectl {
  /**
   * @param prefix words that run a command where the API server is reachable
   * @param env variables, KUBECONFIG among them
   */
  public constructor(
    private readonly program: string,
    private readonly prefix: readonly string[],
    private readonly env: Readonly<Record<string, string>>,
  ) {}

  /** Runs a command that must succeed. @returns its standard output */
  public run(words: readonly string[], input?: string): string {
    const { status, stdout, stderr } = this.try(words, input);
    if (status === 0) return stdout;
    throw new Error(`kubectl ${words.join(' ')}: exit status ${status}\n${stderr}${stdout}`);
  }

  public try(words: readonly string[], input?: string): Outcome {
    const [program, ...rest] = this.command(words);
    const result = spawnSync(program!, rest, { env: this.environment, encoding: 'utf8', input, maxBuffer: 1 << 28 });
    if (result.error !== undefined && (result.error as NodeJS.ErrnoException).code !== 'EPIPE') throw result.error;
    return { status: result.status ?? -1, stdout: result.stdout, stderr: result.stderr };
  }

  /** Runs in the background. */
  public start(words: readonly string[]) {
    const [program, ...rest] = this.command(words);
    return spawn(program!, rest, { env: this.environment, stdio: ['ignore', 'pipe', 'pipe'] });
  }

  /** `kubectl get … -o json`, parsed. */
  public get<T>(...words: string[]): T {
    return JSON.parse(this.run(['get', ...words, '--output=json'])) as T;
  }

  /** Applies manifests as the README does. */
  public apply(manifests: string): string {
    return this.run(['apply', '--server-side', '--filename=-'], manifests);
  }

  /** The same for a shell. */
  public get shellWords(): string {
    return [this.shellPrefix, this.program].join(' ');
  }

  /** Environment and prefix for another program in a shell to use this cluster. */
  public get shellPrefix(): string {
    const variables = Object.entries(this.env).map(([name, value]) => `${name}=${value}`);
    return ['env', ...variables, ...this.prefix].join(' ');
  }

  private command(words: readonly string[]): string[] {
    return [...this.prefix, this.program, ...words];
  }

  private get environment(): NodeJS.ProcessEnv {
    return { ...process.env, KUBERC: 'off', ...this.env };
  }
}
