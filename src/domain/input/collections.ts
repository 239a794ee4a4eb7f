/** The items with the key of an earlier item, each with the first item of that key. */
export function repeats<T>(items: readonly T[], keyOf: (item: T) => unknown): [repeat: T, first: T][] {
  const firsts = new Map<unknown, T>();
  const found: [T, T][] = [];
  for (const item of items) {
    const key = keyOf(item);
    const first = firsts.get(key);
    if (first === undefined) firsts.set(key, item);
    else found.push([item, first]);
  }
  return found;
}

/** A copy without undefined members, which JSON and YAML cannot represent. */
export function withoutUndefined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}

/** A copy without members that say nothing: undefined, and the null of YAML. */
export function withoutNullish(value: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member != null));
}

/** Adds an item to the list of a key. */
export function addTo<K, T>(lists: Map<K, T[]>, key: K, item: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}

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
