import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** The time of the newest change of these files, or of files below these folders, without build outputs. */
export function newestChange(paths) {
  const files = paths.flatMap(filesOf).filter((file) => !/\/(dist|lib)\//.test(file));
  return Math.max(...files.map((file) => statSync(file).mtimeMs));
}

function filesOf(path) {
  if (statSync(path).isFile()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}
