/** The items whose key an earlier item has, each with the first one that has it. */
export function repeats<T>(items: readonly T[], keyOf: (item: T) => unknown): [repeat: T, first: T][] {
  const firsts = new Map<unknown, T>();
  return items.flatMap((item): [T, T][] => {
    const key = keyOf(item);
    const first = firsts.get(key);
    if (first !== undefined) return [[item, first]];
    firsts.set(key, item);
    return [];
  });
}
