import { DOCUMENTS, readDocument } from '../support/markdown';

/**
 * Where a table of a text breaks: a row that does not end where it began, or one with more or fewer cells than its
 * header.
 */
function brokenRows(text: string): string[] {
  const broken: string[] = [];
  let cells: number | undefined;
  let isCode = false;
  for (const [index, line] of text.split('\n').entries()) {
    if (line.startsWith('```')) isCode = !isCode;
    if (isCode || !line.startsWith('|')) {
      // A line without cells right below a row is its rest, but not a line that ends the table.
      if (cells !== undefined && !isCode && line !== '') broken.push(`${index + 1}: text below a row: ${line}`);
      cells = undefined;
      continue;
    }
    const count = cellsOf(line);
    if (count === undefined) broken.push(`${index + 1}: does not end with |`);
    else if (cells !== undefined && count !== cells)
      broken.push(`${index + 1}: ${count} cells, the header has ${cells}`);
    cells ??= count;
  }
  return broken;
}

/** Counts the cells of a row; a bar behind a backslash belongs to its cell, even in code. */
function cellsOf(row: string): number | undefined {
  const bars = row.match(/(?<!\\)\|/g)!.length;
  return row.endsWith('|') ? bars - 1 : undefined;
}

test('a row over two lines, and a row with another number of cells, are broken', () => {
  const table = ['| a | b |', '|---|---|', '| `x \\| y` | 2 |'];
  expect(brokenRows([...table, '', 'text'].join('\n'))).toEqual([]);
  expect(brokenRows([...table, '| 1 | 2', 'and more |'].join('\n'))).toEqual([
    '4: does not end with |',
    '5: text below a row: and more |',
  ]);
  expect(brokenRows([...table, '| 1 | a | b |', '| 1 |'].join('\n'))).toEqual([
    '4: 3 cells, the header has 2',
    '5: 1 cells, the header has 2',
  ]);
  expect(brokenRows(['```', '| 1 |', 'text', '```'].join('\n'))).toEqual([]);
});

test.each(DOCUMENTS)('%s has whole tables', (document) => {
  expect(brokenRows(readDocument(document))).toEqual([]);
});
