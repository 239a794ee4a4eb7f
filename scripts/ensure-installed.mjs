import { execSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** Installs the npm packages of the lock file unless they are there: a fresh clone works with one command. */
export function ensureInstalled() {
  const wanted = createHash('sha256').update(readFileSync('package-lock.json')).digest('hex');
  const mark = 'node_modules/.installed-lock';
  if (existsSync(mark) && readFileSync(mark, 'utf8') === wanted) return;
  console.error('Installing npm packages (once) …');
  execSync('npm ci --no-audit --no-fund --loglevel=error', { stdio: ['ignore', process.stderr, process.stderr] });
  writeFileSync(mark, wanted);
}
