/** The complete lines of a text, each of which is JSON: a process may be writing the last one. */
export function jsonLines<T>(text: string): T[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as T);
}
