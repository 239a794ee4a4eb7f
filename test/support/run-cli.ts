import { spawnSync } from 'node:child_process';

export interface CliAnswer {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `cdk8s-egress-router`, by its real command line, from the sources. */
export function runCli(args: readonly string[], input = ''): CliAnswer {
  const words = ['--import', 'tsx', 'cli/main.ts', ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, words, {
    input,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  return { status, stdout, stderr };
}
