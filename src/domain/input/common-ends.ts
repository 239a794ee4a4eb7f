/** The number of equal items at the start of two lists, and at the end of the rest. */
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
