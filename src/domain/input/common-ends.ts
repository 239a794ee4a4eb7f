/** How much two lists have in common at the front, and how much of the rest at the back. */
export function commonEnds<A, B>(
  one: readonly A[],
  other: readonly B[],
  isSame: (a: A, b: B) => boolean,
): { readonly front: number; readonly back: number } {
  const shorter = Math.min(one.length, other.length);
  let front = 0;
  while (front < shorter && isSame(one[front]!, other[front]!)) front++;
  let back = 0;
  while (back < shorter - front && isSame(one.at(-1 - back)!, other.at(-1 - back)!)) back++;
  return { front, back };
}
