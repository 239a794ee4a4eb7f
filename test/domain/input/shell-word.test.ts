import { spawnSync } from 'node:child_process';
import * as fc from 'fast-check';
import { shellWord } from '../../../src/domain/input/shell-word';

test('plain words stay as they are', () => {
  for (const word of ['eth0', 'net/ipv4/conf/bond0.123/rp_filter=2', '192.0.2.1/24', 'veth@if2', '-e']) {
    expect(shellWord(word)).toBe(word);
  }
});

test('a shell reads any text as it was given', () => {
  const character = fc.oneof(
    fc.constantFrom(...' \n\t"\'`$&;|<>()[]{}*?!#~=%\\'),
    fc.string({ maxLength: 1, unit: 'grapheme' }),
  );
  const text = fc.array(character).map((parts) => parts.join('').replaceAll('\0', ''));
  const texts = ['', "it's", '$(id)', ...fc.sample(text, 300)];
  const script = texts.map((each) => `printf '%s\\0' ${shellWord(each)}\n`).join('');
  const { stdout, stderr } = spawnSync('sh', [], { input: script, encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(stdout.split('\0').slice(0, -1)).toEqual(texts);
});
