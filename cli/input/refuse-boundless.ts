import { InputError } from './input-error';
import type { Source } from './source';

/** Deeper than any object in a cluster, and what YAML's reader takes. */
const DEEPEST = 100;

/** A value has a character of its own at least, unless an alias stands for it. */
const MOST_FOR_CHARACTER = 10;

/**
 * Whoever follows every value of the documents comes to an end, and soon.
 *
 * @throws InputError for values that are nested too deep, that hold themselves by an alias, or that aliases multiply
 */
export function refuseBoundless(documents: readonly unknown[], { name, text }: Source): void {
  let left = text.length * MOST_FOR_CHARACTER;
  const visit = (value: unknown, depth: number): void => {
    if (depth > DEEPEST)
      throw new InputError(`${name}: is nested too deep, or holds itself; accepted: ${DEEPEST} levels`);
    if (left-- < 0)
      throw new InputError(
        `${name}: its aliases (*) stand for far more than it holds; accepted: the values as they are`,
      );
    if (typeof value !== 'object' || value === null) return;
    for (const inner of Array.isArray(value) ? value : Object.values(value)) visit(inner, depth + 1);
  };
  for (const document of documents) visit(document, 0);
}
