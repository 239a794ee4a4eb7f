import { CHECK_NAMES } from '../../cni/serve/check-result';
import { SERVE_FLAGS } from '../../cni/serve/serve-options';
import { readDocument } from '../support/markdown';

const TEXT = readDocument('docs/router-pod.md');

/** The rows of a table, by its first header: the first cell's code, and the second cell. */
function rows(header: string): (readonly [string, string])[] {
  const [, table = ''] = new RegExp(`^\\| ${header} \\|.*\\n\\|.*\\n((?:\\|.*\\n)+)`, 'm').exec(TEXT) ?? [];
  return [...table.matchAll(/^\| `([^`]+)`[^|]*\| ([^|]*?) \|/gm)].map(([, name, text]) => [name!, text!]);
}

test('docs/router-pod.md has each flag with the words of its help', () => {
  const flags = Object.entries(SERVE_FLAGS).map(([name, flag]) => {
    const value = 'value' in flag ? `=${flag.value}` : '';
    return [`--${name}${value}`, flag.help];
  });
  expect(rows('flag')).toEqual(flags);
});

test('docs/router-pod.md has each check', () => {
  expect(rows('check').map(([name]) => name)).toEqual([...CHECK_NAMES]);
});
