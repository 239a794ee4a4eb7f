import type { Family } from '../values/ip-address';

/** Identifies the addresses of a name, of one family. */
export function nameKey({ name, family }: { readonly name: string; readonly family: Family }): string {
  return `${family} ${name}`;
}
