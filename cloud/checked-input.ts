import * as pulumi from '@pulumi/pulumi';
import { Field } from '../src/domain/input/decoder';
import { ConfigError, type Issue } from '../src/domain/input/issue';

/** Reads one value, and adds an issue if it is invalid. */
type Reader<T> = (field: Field) => T | undefined;

/**
 * Reads a value at once if the program knows it, else as soon as the resource or look-up that it comes from is known.
 *
 * @param where names the input, for the message of the later error
 * @returns the value, or its future
 */
export function readInput<T>(field: Field, where: string, read: Reader<T>): pulumi.Input<T> | undefined {
  const { path, value } = field;
  if (!isFuture(value)) return read(field);
  return (pulumi.output(value) as pulumi.Output<unknown>).apply((known) => readKnown(known, path, where, read));
}

/**
 * Reads a future's value. @throws an error that names the field, its value and what is accepted, and ends the program
 */
export function readKnown<T>(value: unknown, path: string, where: string, read: Reader<T>): T {
  const issues: Issue[] = [];
  const result = read(Field.root(value, issues, path));
  if (issues.length > 0) throw new ConfigError(issues, where);
  return result as T;
}

function isFuture(value: unknown): boolean {
  return pulumi.Output.isInstance(value) || value instanceof Promise;
}
