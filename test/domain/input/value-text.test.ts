import { Duration, Size } from 'cdk8s';
import * as fc from 'fast-check';
import { printableText } from '../../../src/domain/input/printable-text';
import { valueText } from '../../../src/domain/input/value-text';

class Port {
  public constructor(private readonly number: number) {}

  public toJSON(): string {
    return `port ${this.number}`;
  }
}

const itself: { self?: unknown } = {};
itself.self = itself;

test.each<[unknown, string]>([
  [undefined, '(nothing)'],
  [null, 'null'],
  ['', '""'],
  ['a "quoted" word', '"a \\"quoted\\" word"'],
  ['\u001b[31m', '"\\u001b[31m"'],
  [0, '0'],
  [false, 'false'],
  [Number.NaN, 'NaN'],
  [Number.NEGATIVE_INFINITY, '-Infinity'],
  [2n ** 70n, '1180591620717411303424'],
  [Symbol('port'), 'Symbol(port)'],
  [[], '[]'],
  [{}, '{}'],
  [['a', 1, null, [[]]], '["a",1,null,[[]]]'],
  [{ 'a "port"': { from: 1, to: [] } }, '{"a \\"port\\"":{"from":1,"to":[]}}'],
  [[1n, Number.NaN, Symbol('port')], '[1,NaN,Symbol(port)]'],
  [{ port: 1n }, '{"port":1}'],
  [Duration.seconds(121), '2 minutes 1 second'],
  [{ wait: Duration.millis(500), size: Size.mebibytes(500) }, '{"wait":500 millis,"size":500Mi}'],
  [new Date(0), '"1970-01-01T00:00:00.000Z"'],
  [[new Port(443)], '["port 443"]'],
  // biome-ignore lint/suspicious/noSparseArray: a hole is what this is about
  [[1, , undefined], '[1,null,null]'],
])('%p is shown as %s', (value, text) => {
  expect(valueText(value)).toBe(text);
});

test('values that JSON can represent are shown as JSON', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => expect(valueText(value)).toBe(printableText(JSON.stringify(value), 120))),
  );
});

test('text of 120 characters is shown whole, and a longer one is cut', () => {
  const longest = 'x'.repeat(118);
  expect(valueText(longest)).toBe(`"${longest}"`);
  expect(valueText(`${longest}y`)).toBe(`"${longest}y…`);
  expect(valueText([longest])).toBe(`["${longest}…`);
});

test('a surrogate pair is not cut in half', () => {
  const bright = 'x'.repeat(118) + '😀'.repeat(2);
  expect(valueText(bright)).toBe(`"${'x'.repeat(118)}…`);
  expect(valueText(`x${bright}`)).toBe(`"${'x'.repeat(119)}…`);
});

test.each<[string, () => unknown, RegExp]>([
  ['holds itself', () => itself, /^(\{"self":){15}…$/],
  ['is nested 50,000 lists deep', () => nested(50_000), /^\[{120}…$/],
  ['has a million elements', () => new Array(1_000_000).fill(7), /^\[(7,){59}7…$/],
  ['is a text of 50 MB', () => 'y'.repeat(50_000_000), /^"y{119}…$/],
])('a value that %s is looked at as far as it is shown', (_what, make, text) => {
  expect(valueText(make())).toMatch(text);
});

test.each<[string, unknown]>([
  [
    'its member',
    {
      get port() {
        throw new Error('not now');
      },
    },
  ],
  [
    'its own JSON',
    {
      toJSON() {
        throw new Error('not now');
      },
    },
  ],
  [
    'everything',
    new Proxy(
      {},
      {
        get: () => {
          throw new Error('not now');
        },
      },
    ),
  ],
])('a value that refuses to tell %s makes no second error', (_what, value) => {
  expect(valueText({ value })).toBe('(a value that cannot be read)');
});

function nested(depth: number): unknown {
  let value: unknown = [];
  for (let level = 0; level < depth; level++) value = [value];
  return value;
}

test('a construct is shown by its path, wherever it is in the value: it holds the whole tree', () => {
  const construct = { node: { path: 'prod/Prometheus', host: { node: {} } } };
  expect(valueText([construct])).toBe('["prod/Prometheus"]');
  expect(valueText({ peer: construct })).toBe('{"peer":"prod/Prometheus"}');
});
