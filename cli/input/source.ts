import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from './input-error';

/** The text of one file, or of standard input. */
export interface Source {
  /** As the user gave it, or below the folder that was given. */
  readonly name: string;
  readonly text: string;
}

const STANDARD_INPUT = '-';
const STANDARD_INPUT_NAME = 'standard input';

/** The inputs, as messages name them. */
export function inputNames(paths: readonly string[]): string {
  return paths.map((path) => (path === STANDARD_INPUT ? STANDARD_INPUT_NAME : path)).join(', ');
}
const MANIFEST = /\.(ya?ml|json)$/i;
/** Folders without manifests of the user. */
const OTHERS_FOLDER = /^(\.|node_modules$)/;

/**
 * Reads files, the YAML and JSON files anywhere below folders, or standard input for `-`.
 *
 * @throws InputError for a path that cannot be read, and for a folder without such files
 */
export function readSources(paths: readonly string[]): Source[] {
  return paths.flatMap((path) => (path === STANDARD_INPUT ? [readOne(STANDARD_INPUT_NAME, 0)] : readPath(path)));
}

function readPath(path: string): Source[] {
  const files = attempt(path, () => (statSync(path).isDirectory() ? manifestsBelow(path) : [path]));
  if (files.length === 0)
    throw new InputError(`${path}: contains no manifests; accepted: a folder with .yaml, .yml or .json files`);
  return files.map((file) => readOne(file, file));
}

/** Sorted by name, independent of the file system. */
function manifestsBelow(folder: string): string[] {
  const entries = attempt(folder, () => readdirSync(folder, { withFileTypes: true }));
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    // Links to folders are not followed: they may form a cycle.
    if (entry.isDirectory()) return OTHERS_FOLDER.test(entry.name) ? [] : manifestsBelow(path);
    return MANIFEST.test(entry.name) && attempt(path, () => statSync(path).isFile()) ? [path] : [];
  });
}

function readOne(name: string, file: string | 0): Source {
  return {
    name,
    text: decode(
      attempt(name, () => readFileSync(file)),
      name,
    ),
  };
}

/** UTF-8, or UTF-16 as Windows shells redirect it, with or without a byte order mark. */
function decode(bytes: Uint8Array, name: string): string {
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw new InputError(`${name}: is not text; accepted: YAML or JSON in UTF-8, or in UTF-16 with a byte order mark`);
  }
}

function attempt<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof InputError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw new InputError(`${name}: ${REASONS[code ?? ''] ?? `cannot be read (${code ?? (error as Error).message})`}`);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder; accepted: manifests, a folder of them, or - for standard input',
  EACCES: 'permission denied; accepted: what this user may read',
  EISDIR: 'is a folder; accepted: a file',
  ELOOP: 'is a symbolic link that leads to itself; accepted: a file or a folder',
};
