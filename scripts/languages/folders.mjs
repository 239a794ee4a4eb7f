import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './command.mjs';

/** @returns the names of the examples that have this program */
export function examplesWith(program) {
  return readdirSync(join(ROOT, 'examples')).filter((name) => existsSync(join(ROOT, 'examples', name, program)));
}
