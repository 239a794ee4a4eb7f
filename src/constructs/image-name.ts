import type { Field } from '../domain/input/decoder';

/** Reads the name of an image. What is in it is the registry's business; white space is nobody's. */
export function readImageName(field: Field, accepted: string): string | undefined {
  const name = field.text(accepted);
  return name === undefined || !/\s/.test(name) ? name : field.refuse('is not the name of an image', accepted);
}
