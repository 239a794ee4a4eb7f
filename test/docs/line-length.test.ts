import { DOCUMENTS, readDocument } from '../support/markdown';

/** Columns of an editor beside its diff; code has the same limit. */
const LONGEST = 120;

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

test('a long line is found, except in code, tables and links', () => {
  const words = 'word '.repeat(30);
  const link = `[${'name '.repeat(10)}](https://example.com/${'x'.repeat(100)}).`;
  expect(longLines([words, `| ${words} |`, '```sh', words, '```', link, `${words}${link}`].join('\n'))).toEqual([1, 7]);
});

test('prose is wrapped at 120 columns', () => {
  const found = DOCUMENTS.flatMap((document) => longLines(readDocument(document)).map((line) => `${document}:${line}`));
  expect(found).toEqual([]);
});
