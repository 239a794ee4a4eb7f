/** What happens. */
export function say(line: string): void {
  console.log(`  ${line}`);
}

/** What came of it. */
export function explain(line: string): void {
  console.log(`      ${line}`);
}
