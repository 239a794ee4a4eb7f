import { spawnSync } from 'node:child_process';

/** Runs a program that must succeed. @returns its standard output @throws an error with its output */
export function execute(
  program: string,
  words: readonly string[],
  options: { input?: string; cwd?: string } = {},
): string {
  const result = spawnSync(program, words, { ...options, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (result.error !== undefined) throw result.error;
  if (result.status === 0) return result.stdout;
  const line = [program, ...words].join(' ');
  throw new Error(`${line}: exit status ${result.status ?? result.signal}\n${result.stderr}${result.stdout}`);
}
