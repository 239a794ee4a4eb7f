import { isSameHost, nameInTable } from '../../../src/domain/data-plane/name-in-table';

const LONG = `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.example`;

test('a name of 128 characters is itself, and a longer one is cut and ends with a hash of all of it', () => {
  const [fits, cut, other] = [LONG.slice(0, 128), nameInTable(LONG), nameInTable(LONG.replace('example', 'other'))];
  expect(nameInTable(fits)).toBe(fits);
  expect(cut).toMatch(/^a{63}\.b{55}-[\da-f]{8}$/);
  expect(other.slice(0, 120)).toBe(cut.slice(0, 120));
  expect(other).not.toBe(cut);
});

test('the name in the table is in its form already', () => {
  expect(nameInTable(nameInTable(LONG))).toBe(nameInTable(LONG));
  expect([isSameHost(LONG, nameInTable(LONG)), isSameHost(nameInTable(LONG), LONG)]).toEqual([true, true]);
});

test('nothing is the name of none', () => {
  expect([isSameHost(undefined, undefined), isSameHost(LONG, undefined)]).toEqual([false, false]);
});
