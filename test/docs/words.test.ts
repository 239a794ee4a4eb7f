import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');

/** Folders and files in the words of docs/style.md. */
const CHECKED = [
  '.ci',
  'cli',
  'cloud',
  'cni',
  'bench',
  'e2e',
  'examples',
  'scripts',
  'src',
  'Containerfile',
  '.github',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'README.md',
  'RELEASE.md',
  'SECURITY.md',
  'docs',
  'test/ci',
];

/** Generated from docstrings, listings of names, or the rule itself. */
const EXCEPT = ['docs/api.md', 'docs/style.md', 'NOTICE', 'LICENSE', 'go.mod', 'go.sum', 'package-lock.json'];

/** Pronouns for unknown people, households for systems, and negated nouns: docs/style.md has better ones. */
const AVOIDED = [
  /\b(whoever|nobody|somebody|by now|told|strangers?|rivals?)\b/i,
  /\bis none\b/i,
  /\b(?<!there )is no (?!longer\b|more\b|such\b)\w+/i,
  /\bhas no place in\b/i,
];

/** Where the word is right: a name or a value of others, quoted. */
const ALLOWED = [/\bauth_type is none\b/];

function textFiles(): string[] {
  const arguments_ = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', ...CHECKED];
  return execFileSync('git', arguments_, { cwd: ROOT, encoding: 'utf8' })
    .split('\0')
    .filter((file) => file !== '' && !EXCEPT.some((except) => file === except || file.endsWith(`/${except}`)));
}

function avoidedIn(line: string): string | undefined {
  const text = ALLOWED.reduce((rest, allowed) => rest.replace(allowed, ''), line);
  return AVOIDED.map((words) => words.exec(text)?.[0]).find((found) => found !== undefined);
}

test('the check finds the words and spares the allowed ones', () => {
  expect(avoidedIn('// Whoever reads this')).toBe('Whoever');
  expect(avoidedIn('the value, when it is none')).toBe('is none');
  expect(avoidedIn("'auth_type is none' // nobody")).toBe('nobody');
  expect(avoidedIn("'the service requires a token, and auth_type is none'")).toBeUndefined();
});

test('no text uses the words that docs/style.md advises against', () => {
  const files = textFiles();
  expect(files.length).toBeGreaterThan(CHECKED.length);
  const found = files.flatMap((file) =>
    readFileSync(join(ROOT, file), 'utf8')
      .split('\n')
      .flatMap((line, index) => {
        const word = avoidedIn(line);
        return word === undefined ? [] : [`${file}:${index + 1}: ${word}`];
      }),
  );
  expect(found).toEqual([]);
});
