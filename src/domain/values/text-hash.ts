/**
 * A hash of 32 bits: FNV-1a of the code units, then the last mix of MurmurHash3, which spreads texts that differ in the
 * last letter over all bits. Not cryptographic. Names and ports follow from it, so it never changes once released.
 *
 * @see https://datatracker.ietf.org/doc/html/draft-eastlake-fnv
 */
export function textHash(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** The hash as eight hexadecimal digits. */
export function textHashDigits(text: string): string {
  return textHash(text).toString(16).padStart(8, '0');
}
