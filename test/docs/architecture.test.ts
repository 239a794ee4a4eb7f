import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readDocument } from '../support/markdown';

const ROOT = join(__dirname, '..', '..');
const DOCUMENT = readDocument('docs/architecture.md');

/** The paths that the page names, each once. */
const PATHS = [
  ...new Set([...DOCUMENT.matchAll(/`((?:src|cni|cli|cloud|test|docs)\/[\w./-]+)`/g)].map(([, path]) => path!)),
];

/** What a table says a file holds: the name stands behind the path, or before it in the table of types. */
const NAMES = [
  ...[...DOCUMENT.matchAll(/`([\w./-]+\.ts)`(?: \| | )`(\w+)`/g)].map(([, path, name]) => ({
    path: path!,
    name: name!,
  })),
  ...[...DOCUMENT.matchAll(/^\| `(\w+)` \| `([\w./-]+\.ts)` \|/gm)].map(([, name, path]) => ({
    path: path!,
    name: name!,
  })),
];

test('the page names paths, and names within files', () => {
  expect(PATHS.length).toBeGreaterThan(50);
  expect(NAMES.length).toBeGreaterThan(30);
});

test('every path exists', () => {
  expect(PATHS.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});

test('every name is declared in its file', () => {
  const isDeclared = (text: string, name: string) =>
    new RegExp(
      `\\b(function\\*?|class|interface|type|const|async) ${name}\\b|^ +(public |private |async )*${name}\\(`,
      'm',
    ).test(text);
  const missing = NAMES.filter(({ path, name }) => !isDeclared(readFileSync(join(ROOT, path), 'utf8'), name));
  expect(missing).toEqual([]);
});
