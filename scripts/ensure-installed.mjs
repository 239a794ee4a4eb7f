import { execSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';

/** Installs the npm packages of the lock file unless they are there: a fresh clone works with one command. */
export function ensureInstalled() {
  // npm leaves its own record of what it installed.
  const record = 'node_modules/.package-lock.json';
  if (existsSync(record) && statSync(record).mtimeMs >= statSync('package-lock.json').mtimeMs) return;
  console.error('Installing npm packages (once) …');
  execSync('npm ci --no-audit --no-fund --loglevel=error', { stdio: ['ignore', process.stderr, process.stderr] });
}
