import { ConfigError, issueText } from '../../src/config/issue';

const MISSING_PREFIX = {
  path: 'addresses[0].ip',
  value: '10.0.0.1',
  problem: 'has no prefix length',
  accepted: 'an address with its prefix length',
};

test('an issue is one sentence with path, value, problem and what is accepted', () => {
  expect(issueText(MISSING_PREFIX)).toBe(
    'addresses[0].ip: "10.0.0.1" has no prefix length; accepted: an address with its prefix length',
  );
});

test.each<[unknown, string]>([
  [undefined, '(nothing)'],
  [null, 'null'],
  ['', '""'],
  ['a "quoted" word', '"a \\"quoted\\" word"'],
  [0, '0'],
  [Number.NaN, 'NaN'],
  [Number.NEGATIVE_INFINITY, '-Infinity'],
  [2n ** 70n, '1180591620717411303424'],
  [Symbol('port'), 'Symbol(port)'],
  [['a', 1], '["a",1]'],
  [{ port: 1 }, '{"port":1}'],
  [{ port: 1n }, '[object Object]'],
])('the value %p is shown as %s', (value, text) => {
  expect(issueText({ ...MISSING_PREFIX, value })).toContain(`: ${text} has no prefix length`);
});

test('a value that refers to itself is shown without looping', () => {
  const value: Record<string, unknown> = {};
  value.self = value;
  expect(issueText({ ...MISSING_PREFIX, value })).toContain(': [object Object] has');
});

test('a value nested thousands of lists deep is shown without an overflow', () => {
  let value: unknown = [];
  for (let depth = 0; depth < 50_000; depth++) value = [value];
  expect(issueText({ ...MISSING_PREFIX, value })).toContain('has no prefix length');
});

test('a value of 120 characters is shown whole and a longer one is cut', () => {
  const longest = 'x'.repeat(118);
  expect(issueText({ ...MISSING_PREFIX, value: longest })).toContain(`: "${longest}" has`);
  expect(issueText({ ...MISSING_PREFIX, value: `${longest}y` })).toContain(`: "${longest}y… has`);
});

test('a ConfigError carries every issue, a line each', () => {
  const second = { ...MISSING_PREFIX, path: 'addresses[1].ip' };
  const error = new ConfigError([MISSING_PREFIX, second]);
  expect(error).toBeInstanceOf(Error);
  expect(error.name).toBe('ConfigError');
  expect(error.issues).toEqual([MISSING_PREFIX, second]);
  expect(error.message.split('\n')).toEqual([issueText(MISSING_PREFIX), issueText(second)]);
});
