import { Field } from '../../src/domain/input/decoder';
import type { Issue } from '../../src/domain/input/issue';

type Reader<T> = (field: Field) => T | undefined;

/** What a reader makes of a value that stands under the key `it`. */
export function read<T>(reader: Reader<T>, value: unknown): { value: T | undefined; issues: Issue[] } {
  const issues: Issue[] = [];
  return { value: reader(Field.root({ it: value }, issues).member('it')), issues };
}

/** Asserts that each value is read without an issue. */
export function acceptAll<T>(reader: Reader<T>, values: readonly unknown[]): void {
  for (const value of values) expect({ value, issues: read(reader, value).issues }).toEqual({ value, issues: [] });
}

/** Asserts that each value is refused, at its own path, with itself in the message and a word of what is accepted. */
export function refuseAll<T>(reader: Reader<T>, values: readonly unknown[], accepted: string): void {
  for (const value of values) {
    const { value: result, issues } = read(reader, value);
    expect({ value, result }).toEqual({ value, result: undefined });
    expect(issues.length).toBeGreaterThan(0);
    expect(issues[0]).toMatchObject({ path: 'it', accepted: expect.stringContaining(accepted) });
    expect(issues[0]!.value).toEqual(value);
  }
}
