import { spawnSync } from 'node:child_process';

/** What a kubectl command ended with. */
export interface KubectlResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** kubectl, bound to one cluster. */
export interface Kubectl {
  /** Runs kubectl with `stdin` as its input and returns what it prints. Throws when it fails. */
  kubectl(args: readonly string[], stdin?: string): string;
  /** The same for commands that may fail: returns what happened. */
  tryKubectl(args: readonly string[], stdin?: string): KubectlResult;
}

/** No command of a test takes longer; a server that hangs becomes an error, not a test run without end. */
const timeout = 60_000;

/**
 * Binds kubectl to a cluster.
 *
 * @param program kubectl's path
 * @param kubeconfig value of the variable KUBECONFIG
 * @param cacheFolder keeps what kubectl learns about this server away from other servers at the same port
 */
export function bindKubectl(program: string, kubeconfig: string, cacheFolder: string): Kubectl {
  // The user's preferences (kuberc) could change what a command does.
  const env = { ...process.env, KUBECONFIG: kubeconfig, KUBECACHEDIR: cacheFolder, KUBERC: 'off' };

  const tryKubectl = (args: readonly string[], stdin?: string): KubectlResult => {
    const result = spawnSync(program, args, {
      env,
      input: stdin,
      encoding: 'utf8',
      maxBuffer: Number.POSITIVE_INFINITY,
      timeout,
    });
    // EPIPE: kubectl refused before it had read all of its input. What it said counts.
    const failure = result.error as NodeJS.ErrnoException | undefined;
    if (failure && failure.code !== 'EPIPE') throw new Error(`${commandLine(args)}: ${failure.message}`);
    return { status: result.status ?? -1, stdout: result.stdout, stderr: result.stderr };
  };

  const kubectl = (args: readonly string[], stdin?: string): string => {
    const { status, stdout, stderr } = tryKubectl(args, stdin);
    if (status !== 0) throw new Error(`${commandLine(args)} ended with status ${status}:\n${stderr.trim()}`);
    return stdout;
  };

  return { kubectl, tryKubectl };
}

function commandLine(args: readonly string[]): string {
  return ['kubectl', ...args].join(' ');
}
