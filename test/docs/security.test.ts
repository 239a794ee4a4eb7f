import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readDocument } from '../support/markdown';

const CONSTRUCTS = join(__dirname, '../../src/constructs');

const SOURCES = readdirSync(CONSTRUCTS, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => readFileSync(join(CONSTRUCTS, file), 'utf8'));

/** Kinds of the objects that constructs make or name, and fixed names of objects. */
const MADE = new Set(
  SOURCES.flatMap((source) => [
    ...[...source.matchAll(/\bnew kplus\.(\w+)\((?:scope|this),/g)].map(([, kind]) => kind!),
    ...[...source.matchAll(/\bkind: '([A-Z]\w+)'/g)].map(([, kind]) => kind!),
    ...[...source.matchAll(/\bname: '([a-z]+-[a-z-]+)', namespace: '/g)].map(([, name]) => name!),
  ]),
);

/** The rows of the table below a heading. */
function rowsOf(heading: string): string {
  const [, section = ''] = readDocument('docs/security.md').split(`## ${heading}\n`);
  const [table = ''] = section.split('\n## ');
  return table
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .join('\n');
}

test('every kind of object that a construct makes has a row with its privileges', () => {
  const rows = rowsOf('Privileges of the manifests');
  expect(MADE.size).toBeGreaterThan(12);
  expect([...MADE].filter((word) => !new RegExp(`\\b${word.replace(/y$/, '(y|ies)')}\\b`).test(rows))).toEqual([]);
});
