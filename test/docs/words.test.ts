import { trackedFiles } from '../support/tracked-files';

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
  'test',
];

/** Generated from docstrings, written by others, listings of names, or the rule itself. */
const EXCEPT = [
  'docs/api.md',
  'docs/style.md',
  'test/docs/words.test.ts',
  'NOTICE',
  'LICENSE',
  'go.mod',
  'go.sum',
  'package-lock.json',
];

/** Pronouns for unknown people, households for systems, and negated nouns: docs/style.md has better ones. */
const AVOIDED = [
  /\b(whoever|nobody|somebody|everybody|by now|told|strangers?|rivals?)\b/i,
  /\b(takes?|took|taken|taking) away\b/i,
  /\bis none\b/i,
  /\b(?<!there )is no (?!longer\b|more\b|such\b)\w+/i,
  /\bhas no place in\b/i,
];

/** Where the word is right: a name or a value of others, quoted. */
const ALLOWED = [/\bauth_type is none\b/];

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
  const files = trackedFiles(CHECKED).filter(([path]) => !EXCEPT.some((except) => `/${path}`.endsWith(`/${except}`)));
  expect(files.length).toBeGreaterThan(CHECKED.length);
  const found = files.flatMap(([path, text]) =>
    text.split('\n').flatMap((line, index) => {
      const word = avoidedIn(line);
      return word === undefined ? [] : [`${path}:${index + 1}: ${word}`];
    }),
  );
  expect(found).toEqual([]);
});
