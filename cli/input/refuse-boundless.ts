import { InputError } from './input-error';
import type { Source } from './source';

/** Deeper than any object in a cluster, and the limit of the YAML parser. */
const DEEPEST = 100;

/** Every value takes at least one character of the text, unless it comes from an alias. */
const MOST_FOR_CHARACTER = 10;

/**
 * Ensures that walking all values of the documents ends soon: `plan` also reads pull requests of forks.
 *
 * @throws InputError for values that are nested too deeply, contain themselves by an alias, or are multiplied by
 * aliases
 */
export function refuseBoundless(documents: readonly unknown[], { name, text }: Source): void {
  let left = text.length * MOST_FOR_CHARACTER;
  const visit = (value: unknown, depth: number): void => {
    if (depth > DEEPEST)
      throw new InputError(`${name}: is nested too deeply or contains itself; accepted: ${DEEPEST} levels`);
    if (left-- < 0)
      throw new InputError(
        `${name}: its aliases (*) expand to far more than the file contains; accepted: values without aliases`,
      );
    if (typeof value !== 'object' || value === null) return;
    for (const inner of Array.isArray(value) ? value : Object.values(value)) visit(inner, depth + 1);
  };
  for (const document of documents) visit(document, 0);
}
