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
