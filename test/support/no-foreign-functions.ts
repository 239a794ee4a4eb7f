/**
 * Stands for `bun:ffi` in unit tests, which Node.js runs: a file may hold pure functions beside some that call the
 * kernel. Each foreign call throws.
 */
export const FFIType = { u64_fast: 0, i64_fast: 0 };

export function dlopen(_library: string, functions: Readonly<Record<string, unknown>>) {
  const refuse = (name: string) => () => {
    throw new Error(`a unit test called the foreign function ${name}`);
  };
  const symbols = Object.fromEntries(Object.keys(functions).map((name) => [name, refuse(name)]));
  return { symbols: { ...symbols, __errno_location: () => 0 } };
}
