import { execSync } from 'node:child_process';
import { existsSync, lstatSync, statSync } from 'node:fs';

/** Installs the npm packages of the lock file if needed, so that a fresh clone works with one command. */
export function ensureInstalled() {
  // npm's own record of the installed packages.
  const record = 'node_modules/.package-lock.json';
  if (existsSync(record) && statSync(record).mtimeMs >= statSync('package-lock.json').mtimeMs) return;
  // npm would empty the folder that the link leads to, which others may be using.
  if (lstatSync('node_modules', { throwIfNoEntry: false })?.isSymbolicLink())
    throw new Error('node_modules is a link, and not up to date: run npm ci in the folder that it leads to');
  console.error('Installing npm packages (once) …');
  execSync('npm ci --no-audit --no-fund --loglevel=error', { stdio: ['ignore', process.stderr, process.stderr] });
}
