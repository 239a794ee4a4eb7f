import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './command.mjs';

/** The examples, and programs that call what no example needs. */
const PLACES = ['examples', 'test/languages'];

/** @returns the folders that have this program, such as `examples/hosts` */
export function foldersWith(program) {
  const folders = PLACES.flatMap((place) => readdirSync(join(ROOT, place)).map((name) => `${place}/${name}`));
  return folders.filter((folder) => existsSync(join(ROOT, folder, program)));
}
