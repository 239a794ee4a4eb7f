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
const MANIFEST = /\.(ya?ml|json)$/i;
/** Their files are not the user's manifests. */
const OTHERS_FOLDER = /^(\.|node_modules$)/;

/**
 * Reads what paths name: files, folders with the YAML and JSON files anywhere below them, or `-` for standard input.
 *
 * @throws InputError for a path that cannot be read, and for a folder without such files
 */
export function readSources(paths: readonly string[]): Source[] {
  return paths.flatMap((path) => (path === STANDARD_INPUT ? [readOne('standard input', 0)] : readPath(path)));
}

function readPath(path: string): Source[] {
  const files = attempt(path, () => (statSync(path).isDirectory() ? manifestsBelow(path) : [path]));
  if (files.length === 0) throw new InputError(`${path}: no file below it ends with .yaml, .yml or .json`);
  return files.map((file) => readOne(file, file));
}

/** In the order of their names, whatever the file system's is. */
function manifestsBelow(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    // A link to a folder may lead in a circle.
    if (entry.isDirectory()) return OTHERS_FOLDER.test(entry.name) ? [] : manifestsBelow(path);
    return MANIFEST.test(entry.name) && statSync(path).isFile() ? [path] : [];
  });
}

function readOne(name: string, file: string | 0): Source {
  return attempt(name, () => ({ name, text: readFileSync(file, 'utf8') }));
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
};
