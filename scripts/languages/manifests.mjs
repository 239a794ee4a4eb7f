import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Compares the files of two folders byte for byte.
 *
 * @param {{ name: string, folder: string }} expected
 * @param {{ name: string, folder: string }} actual
 * @throws an error with the lines that differ
 * @returns the files' names
 */
export function compareManifests(expected, actual) {
  const [wanted, found] = [expected, actual].map(({ folder }) => readdirSync(folder).sort());
  if (wanted.length === 0) throw new Error(`${expected.name} wrote no file`);
  if (wanted.join() !== found.join()) {
    throw new Error(`${expected.name} wrote ${wanted.join(', ')}; ${actual.name} wrote ${found.join(', ')}`);
  }
  const differences = wanted.flatMap((file) => {
    const [ours, theirs] = [expected, actual].map(({ folder }) => readFileSync(join(folder, file)));
    if (ours.equals(theirs)) return [];
    return [`--- ${file}, ${expected.name}\n+++ ${file}, ${actual.name}\n${difference(ours, theirs)}`];
  });
  if (differences.length > 0) throw new Error(`the manifests differ\n${differences.join('\n')}`);
  return wanted.join(', ');
}

/** The lines between the common beginning and the common end. */
function difference(ours, theirs) {
  const [before, after] = [ours, theirs].map((bytes) => bytes.toString('utf8').split('\n'));
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < Math.min(before.length, after.length) - head && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  const between = (lines, sign) => lines.slice(head, lines.length - tail).map((line) => `${sign}${line}`);
  return [`@@ line ${head + 1} @@`, ...between(before, '-'), ...between(after, '+')].join('\n');
}
