import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { ConfigError } from '../../src/domain/input/issue';
import { printableLines, printableText } from '../../src/domain/input/printable-text';
import { MOST_CONFIG_MAP_BYTES } from '../../src/domain/router/object-limits';
import { errnoName } from '../ffi/errno';
import { openInRoot, SystemCallError } from '../ffi/libc';

const { O_DIRECTORY, O_NONBLOCK, O_RDONLY } = constants;

/** Finds a file without opening it: `constants` lacks it. The same on x86-64 and arm64. */
const O_PATH = 0x200000;

/** The source of a configuration. */
export type ConfigSource =
  | { readonly text: string }
  | {
      readonly file: string;
      /** The root directory of the file's path, for another process' file. */
      readonly root?: string;
    };

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
    return decode(
      JSON.parse('text' in source ? source.text : readConfigBytes(source.file, source.root).toString('utf8')),
    );
  } catch (error) {
    throw refuse(configProblem(error));
  }
}

/**
 * Reads the file, if it is a regular one: it is looked at before it is opened, because a device may act when it is.
 *
 * @throws errors that `configProblem` explains
 */
export function readConfigBytes(path: string, root?: string): Buffer {
  const found = root === undefined ? openSync(path, O_PATH) : openBelow(root, path);
  try {
    const stat = fstatSync(found);
    if (!stat.isFile()) throw new RangeError('is not a file');
    if (stat.size > MOST_CONFIG_MAP_BYTES)
      throw new RangeError(`has ${stat.size} bytes; accepted: ${MOST_CONFIG_MAP_BYTES}, as in a ConfigMap`);
    // Files of /proc, which may act when they are read, have no size.
    return stat.size === 0 ? Buffer.alloc(0) : readAll(`/proc/self/fd/${found}`);
  } finally {
    closeSync(found);
  }
}

/** Links of a pod must not lead to files of the node. */
function openBelow(root: string, path: string): number {
  const directory = openSync(root, O_PATH | O_DIRECTORY);
  try {
    return openInRoot(directory, path, O_PATH);
  } finally {
    closeSync(directory);
  }
}

/** @returns at most one byte more than accepted, of a file that grows meanwhile */
function readAll(path: string): Buffer {
  const fd = openSync(path, O_RDONLY | O_NONBLOCK);
  try {
    const bytes = Buffer.alloc(MOST_CONFIG_MAP_BYTES + 1);
    let length = 0;
    for (let count = 1; count > 0 && length < bytes.length; length += count) {
      count = readSync(fd, bytes, length, bytes.length - length, null);
    }
    return bytes.subarray(0, length);
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
  if (error instanceof SystemCallError) return `cannot be read: ${errnoName(error.errno).split(',')[0]}`;
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined) throw error;
  return `cannot be read: ${code}`;
}
