import { DOCUMENTS, readDocument } from '../support/markdown';
import { trackedFiles } from '../support/tracked-files';

/** Columns of an editor beside its diff; code has the same limit. */
const LONGEST = 120;

/** Sources whose comments begin with a slash, an asterisk or `#`. The formatter leaves comments alone. */
const SOURCES = ['*.ts', '*.mjs', '*.go', '*.py', '*.java', '*.cs', '*.yml', '*.yaml', 'Containerfile', '.ci/run'];

/** Lines of prose that are too long: not code, not tables, and not words that cannot be wrapped, such as links. */
function longLines(text: string): number[] {
  let isCode = false;
  return text.split('\n').flatMap((line, index) => {
    if (line.startsWith('```')) isCode = !isCode;
    const isProse = !isCode && !line.startsWith('|') && line.trim().includes(' ');
    return isProse && [...line].length > LONGEST && !isOneLink(line) ? [index + 1] : [];
  });
}

/** A link whose text and address cannot be wrapped, with punctuation around it. */
function isOneLink(line: string): boolean {
  return /^\W*\[[^\]]*\]\([^)]*\)\S*$/.test(line.trim());
}

/** Lines with a comment that is too long, alone or after code, unless it is an address that cannot be wrapped. */
function longComments(text: string): number[] {
  return text.split('\n').flatMap((line, index) => {
    const isComment = /^\s*(\/\/|\/?\*|#)|\s(\/\/|#) [^'"`]*$/.test(line);
    return isComment && [...line].length > LONGEST && !/^\W*(@see )?https:\S+$/.test(line) ? [index + 1] : [];
  });
}

test('a long line is found, except in code, tables and links', () => {
  const words = 'word '.repeat(30);
  const link = `[${'name '.repeat(10)}](https://example.com/${'x'.repeat(100)}).`;
  expect(longLines([words, `| ${words} |`, '```sh', words, '```', link, `${words}${link}`].join('\n'))).toEqual([1, 7]);
});

test('a long comment is found, except addresses and texts of code', () => {
  const words = 'word '.repeat(30);
  const address = `https://example.com/${'x'.repeat(120)}`;
  const found = [`/** ${words}*/`, `   * ${words}`, `// ${words}`, `  # ${words}`, `const a = 1; // ${words}`];
  const spared = [`   * @see ${address}`, `// ${address}`, `  '${words}',`, `'https://a // ${words}'`];
  expect(longComments([...found, ...spared].join('\n'))).toEqual([1, 2, 3, 4, 5]);
});

test('prose is wrapped at 120 columns', () => {
  const found = DOCUMENTS.flatMap((document) => longLines(readDocument(document)).map((line) => `${document}:${line}`));
  expect(found).toEqual([]);
});

test('comments are wrapped at 120 columns', () => {
  const files = trackedFiles(SOURCES);
  expect(files.length).toBeGreaterThan(500);
  expect(files.flatMap(([path, text]) => longComments(text).map((line) => `${path}:${line}`))).toEqual([]);
});
