import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { ConfigError } from '../../src/domain/input/issue';
import { printableLines, printableText } from '../../src/domain/input/printable-text';
import { MOST_CONFIG_MAP_BYTES } from '../../src/domain/router/object-limits';

/** The source of a configuration. */
export type ConfigSource = { readonly text: string } | { readonly file: string };

/**
 * Reads a configuration from a flag or a file.
 *
 * @param refuse makes the error from the problem
 */
export function readConfig<T>(
  source: ConfigSource,
  decode: (input: unknown) => T,
  refuse: (problem: string) => Error,
): T {
  try {
    return decode(JSON.parse('text' in source ? source.text : readConfigBytes(source.file).toString('utf8')));
  } catch (error) {
    throw refuse(configProblem(error));
  }
}

/**
 * Opens the file without blocking: it may be a named pipe. @throws errors that `configProblem` explains
 */
export function readConfigBytes(path: string): Buffer {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) throw new RangeError('is not a file');
    if (stat.size > MOST_CONFIG_MAP_BYTES)
      throw new RangeError(`has ${stat.size} bytes; accepted: ${MOST_CONFIG_MAP_BYTES}, as in a ConfigMap`);
    return readFileSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** The problem of a configuration that could not be read or decoded; other errors are rethrown. */
export function configProblem(error: unknown): string {
  if (error instanceof ConfigError) return printableLines(error.message);
  if (error instanceof RangeError) return error.message;
  // The engine quotes the input.
  if (error instanceof SyntaxError) return `is not JSON: ${printableText(error.message)}`;
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined) throw error;
  return `cannot be read: ${code}`;
}
