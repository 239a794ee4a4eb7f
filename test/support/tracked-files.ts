import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');

/** Paths of the repository's files that match patterns of git, the new ones among them, with their texts. */
export function trackedFiles(patterns: readonly string[]): readonly (readonly [path: string, text: string])[] {
  const words = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', ...patterns];
  return execFileSync('git', words, { cwd: ROOT, encoding: 'utf8' })
    .split('\0')
    .filter((path) => path !== '')
    .map((path) => [path, readFileSync(join(ROOT, path), 'utf8')]);
}
