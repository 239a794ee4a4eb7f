/**
 * The bit of a connection's mark that says: the client has not spoken since another pod of the pair gave the connection
 * to this one. Marks of rules have the 31 bits below it.
 */
export const HELD_BIT = 0x80000000;

export const RULE_BITS = 0x7fffffff;

/** The mark of a connection's rule, whether the connection is held or not. */
export function ruleMark(mark: number): number {
  return mark & RULE_BITS;
}

/** That mark, held. */
export function heldMark(mark: number): number {
  return mark + HELD_BIT;
}

export function isHeld(mark: number): boolean {
  return mark >= HELD_BIT;
}
