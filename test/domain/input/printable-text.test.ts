import * as fc from 'fast-check';
import { escapeUnprintable, printableLines, printableText } from '../../../src/domain/input/printable-text';

test.each([
  ['plain', 'plain'],
  ['Zürich 漢字 😀', 'Zürich 漢字 😀'],
  ['\u001b]0;x\u0007', '\\u001b]0;x\\u0007'],
  ['a\nb\tc', 'a\\u000ab\\u0009c'],
  ['\u007f\u009b', '\\u007f\\u009b'],
  ['\u202e\u2066\ufeff\u2028\u2029', '\\u202e\\u2066\\ufeff\\u2028\\u2029'],
  ['\ud800', '\\ud800'],
  ['\u{e0041}', '\\udb40\\udc41'],
])('%j is shown as %j', (text, shown) => expect(printableText(text)).toBe(shown));

test('a text of 300 characters is shown whole, and a longer one is cut between characters', () => {
  expect(printableText('x'.repeat(300))).toBe('x'.repeat(300));
  expect(printableText('x'.repeat(301))).toBe(`${'x'.repeat(300)}…`);
  expect(printableText('😀'.repeat(3), 3)).toBe('😀…');
});

test('lines stay lines, and those beyond the most are counted', () => {
  expect(printableLines('a\u001b\nb\nc\nd', 2)).toBe('a\\u001b\nb\nand 2 more');
  expect(printableLines('abc\nd', 2, 2)).toBe('ab…\nd');
});

test('JSON means the same after escaping', () => {
  const text = fc.string({ unit: 'binary' });
  fc.assert(
    fc.property(text, (value) => {
      const escaped = escapeUnprintable(JSON.stringify(value));
      expect(escaped).not.toMatch(/\p{C}(?<!\p{Cn}|\p{Co})/u);
      expect(JSON.parse(escaped)).toBe(value);
    }),
  );
});
