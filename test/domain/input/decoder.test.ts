import { Field } from '../../../src/domain/input/decoder';
import { type Issue, issueText } from '../../../src/domain/input/issue';
import { acceptAll, read, refuseAll } from '../../support/accept';

function root(value: unknown): { field: Field; issues: Issue[] } {
  const issues: Issue[] = [];
  return { field: Field.root(value, issues), issues };
}

test('a path is written as in JavaScript', () => {
  const { field } = root({ ip: { destinations: ['a', { port: 1 }] } });
  expect(field.path).toBe('');
  expect(field.member('ip').path).toBe('ip');
  expect(field.member('ip').member('destinations').elements('a list')[1]!.member('port').path).toBe(
    'ip.destinations[1].port',
  );
});

test('members carry their values, and a member of another value is absent', () => {
  const { field, issues } = root({ a: { b: 7 } });
  expect(field.member('a').member('b').value).toBe(7);
  expect(field.member('a').member('b').member('c').isPresent).toBe(false);
  expect(field.member('x').member('y').isPresent).toBe(false);
  expect(root(null).field.member('x').isPresent).toBe(false);
  expect(root('text').field.member('length').isPresent).toBe(false);
  expect(issues).toEqual([]);
});

test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('an inherited %s is not a member', (key) => {
  expect(root({}).field.member(key).isPresent).toBe(false);
});

test('an own key __proto__, as JSON can have, is a member like any other', () => {
  const { field, issues } = root(JSON.parse('{"a": {"__proto__": 1}}'));
  expect(field.member('a').member('__proto__').value).toBe(1);
  field.member('a').isObjectOf(['port']);
  expect(issues).toMatchObject([{ path: 'a.__proto__', value: 1 }]);
});

test('null is as absent as nothing', () => {
  const { field } = root({ a: null, b: 0, c: '', d: false });
  expect(['a', 'b', 'c', 'd', 'e'].map((key) => field.member(key).isPresent)).toEqual([false, true, true, true, false]);
});

test('a null in the place of a value is shown, and only nothing is missing', () => {
  const { field, issues } = root({ a: null });
  for (const key of ['a', 'b']) {
    field.member(key).text('a word');
    field.member(key).elements('words');
  }
  expect(issues.map(issueText)).toEqual([
    'a: null is not a string; accepted: a word',
    'a: null is not a list; accepted: words',
    'b: (nothing) is missing; accepted: a word',
    'b: (nothing) is missing; accepted: words',
  ]);
});

test('the same place with another value keeps its path', () => {
  const { field, issues } = root({ a: { b: [1] } });
  field.member('a').member('b').elements('')[0]!.withValue(2).refuse('is two', 'one');
  expect(issues).toMatchObject([{ path: 'a.b[0]', value: 2 }]);
});

test('text is a string that is not empty', () => {
  const text = (field: Field) => field.text('a word');
  acceptAll(text, ['a', ' ', '0', 'ü']);
  refuseAll(text, ['', 0, true, null, undefined, [], ['a'], {}], 'a word');
  expect(['', 0, undefined].map((value) => read(text, value).issues[0]!.problem)).toEqual([
    'is empty',
    'is not a string',
    'is missing',
  ]);
});

test('an integer lies in its range, borders included', () => {
  const digit = (field: Field) => field.integer(0, 9, 'a digit');
  acceptAll(digit, [0, 1, 9]);
  expect(read(digit, 9).value).toBe(9);
  expect(read(digit, -0).value).toBe(0);
  refuseAll(digit, [-1, 10, 1e21, 0.5, 9.000001, Number.NaN, Infinity, '5', true, null, [5], 5n], 'from 0 to 9');
  expect([10, 0.5, '5', undefined].map((value) => read(digit, value).issues[0]!.problem)).toEqual([
    'is out of range',
    'is not an integer',
    'is not a number',
    'is missing',
  ]);
});

test('a flag is a boolean and nothing that resembles one', () => {
  const flag = (field: Field) => field.flag();
  acceptAll(flag, [true, false]);
  expect(read(flag, false).value).toBe(false);
  refuseAll(flag, ['true', 'yes', 0, 1, '', null, undefined, {}], 'true or false');
});

test('a word is one of those listed, to the letter', () => {
  const mode = (field: Field) => field.word(['Redirect', 'bridge']);
  acceptAll(mode, ['Redirect', 'bridge']);
  refuseAll(mode, ['', 'redirect', 'Bridge', ' bridge', 0, null, undefined, ['Redirect']], 'Redirect, bridge');
});

test('a word in any case is returned as listed', () => {
  const mode = (field: Field) => field.wordInAnyCase(['Redirect', 'bridge']);
  acceptAll(mode, ['Redirect', 'redirect', 'REDIRECT', 'Bridge']);
  expect(read(mode, 'REDIRECT').value).toBe('Redirect');
  refuseAll(mode, ['', ' redirect', 'redirects', 0, null, undefined, ['Redirect']], 'Redirect, bridge');
});

test('the elements of a list carry their index, and what is not a list has an issue', () => {
  const { field, issues } = root({ list: ['a', 'b'], text: 'ab', object: { length: 1, 0: 'a' } });
  expect(
    field
      .member('list')
      .elements('a list')
      .map(({ path, value }) => [path, value]),
  ).toEqual([
    ['list[0]', 'a'],
    ['list[1]', 'b'],
  ]);
  for (const key of ['text', 'object', 'absent']) expect(field.member(key).elements('a list of letters')).toEqual([]);
  expect(issues).toEqual([
    { path: 'text', value: 'ab', problem: 'is not a list', accepted: 'a list of letters' },
    { path: 'object', value: { length: 1, 0: 'a' }, problem: 'is not a list', accepted: 'a list of letters' },
    { path: 'absent', value: undefined, problem: 'is missing', accepted: 'a list of letters' },
  ]);
});

test('each unknown key of an object has an issue at its own path, with a hint when it is nearly known', () => {
  const { field, issues } = root({ a: { port: 1, portocol: 'TCP', colour: 'red' } });
  expect(field.member('a').isObjectOf(['port', 'protocol'])).toBe(true);
  expect(issues).toEqual([
    {
      path: 'a.portocol',
      value: 'TCP',
      problem: 'is an unknown key (did you mean "protocol"?)',
      accepted: 'port, protocol',
    },
    { path: 'a.colour', value: 'red', problem: 'is an unknown key', accepted: 'port, protocol' },
  ]);
});

test('an object is neither a list nor null nor a text', () => {
  const object = (field: Field) => (field.isObjectOf([]) ? true : undefined);
  acceptAll(object, [{}, Object.create(null)]);
  refuseAll(object, [[], null, undefined, '', 'a', 0, true], 'an object');
});

test('an optional field is read when it is present and passed over when it is not', () => {
  const { field, issues } = root({ a: 1, b: null });
  const value = (member: Field) => member.value;
  expect(field.member('a').optional(value)).toBe(1);
  expect(field.member('b').optional(value)).toBeUndefined();
  expect(field.member('c').optional((member) => member.flag())).toBeUndefined();
  expect(issues).toEqual([]);
});

test('a hole in a list is a missing element, not a skipped one', () => {
  const issues: Issue[] = [];
  // biome-ignore lint/suspicious/noSparseArray: the hole is what this is about
  for (const element of Field.root([, 'x'], issues).elements('a list')) element.text('text');
  expect(issues).toMatchObject([{ path: '[0]', problem: 'is missing' }]);
});

test('a key that is not a word is quoted in the path, and cut', () => {
  const issues: Issue[] = [];
  const root = Field.root({ 'a\nb': 1, ['x y'.repeat(1000)]: 1 }, issues);
  root.isObjectOf([]);
  expect(issues[0]!.path).toBe('"a\\nb"');
  expect(issues[1]!.path.length).toBeLessThan(200);
});
