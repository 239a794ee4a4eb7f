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

/** What was given, as messages call it. */
export function inputNames(paths: readonly string[]): string {
  return paths.map((path) => (path === STANDARD_INPUT ? STANDARD_INPUT_NAME : path)).join(', ');
}
const MANIFEST = /\.(ya?ml|json)$/i;
/** Their files are not the user's manifests. */
const OTHERS_FOLDER = /^(\.|node_modules$)/;

/**
 * Reads what paths name: files, folders with the YAML and JSON files anywhere below them, or `-` for standard input.
 *
 * @throws InputError for a path that cannot be read, and for a folder without such files
 */
export function readSources(paths: readonly string[]): Source[] {
  return paths.flatMap((path) => (path === STANDARD_INPUT ? [readOne(STANDARD_INPUT_NAME, 0)] : readPath(path)));
}

function readPath(path: string): Source[] {
  const files = attempt(path, () => (statSync(path).isDirectory() ? manifestsBelow(path) : [path]));
  if (files.length === 0) throw new InputError(`${path}: no file below it ends with .yaml, .yml or .json`);
  return files.map((file) => readOne(file, file));
}

/** In the order of their names, whatever the file system's is. */
function manifestsBelow(folder: string): string[] {
  const entries = attempt(folder, () => readdirSync(folder, { withFileTypes: true }));
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    // A link to a folder may lead in a circle.
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

/** UTF-8, or UTF-16 as Windows' shells redirect it; with or without the mark that says so. */
function decode(bytes: Uint8Array, name: string): string {
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw new InputError(`${name}: is no text (UTF-8)`);
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
  ENOENT: 'there is no such file or folder',
  EACCES: 'may not be read by this user',
  EISDIR: 'is a folder',
  ELOOP: 'is a link that leads in a circle',
};
