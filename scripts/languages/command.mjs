import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '..', '..');

/**
 * Runs a command in the repository's folder, or in `cwd`. What it prints is only shown when it fails.
 *
 * @returns what it wrote to standard output
 */
export function run(command, args, { cwd = ROOT, env = {} } = {}) {
  const { status, signal, error, stdout, stderr } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '18,20', ...env },
  });
  if (status === 0) return stdout;
  const reason = error?.message ?? (signal ? `signal ${signal}` : `exit status ${status}`);
  throw new Error(`${[command, ...args].join(' ')}: ${reason}\n${stdout ?? ''}${stderr ?? ''}`);
}

/** @returns whether the command exists and succeeds */
export function succeeds(command, ...args) {
  return spawnSync(command, args).status === 0;
}

/** Runs an action and prints how long it took, with the text that it returned. */
export function step(name, action) {
  const start = Date.now();
  const detail = action();
  console.log(`${seconds(start).padStart(8)}  ${name}${detail === undefined ? '' : ` (${detail})`}`);
}

export function seconds(since) {
  return `${((Date.now() - since) / 1000).toFixed(1)} s`;
}
