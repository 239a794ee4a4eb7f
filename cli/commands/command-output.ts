/** Where a command writes. */
export interface CommandOutput {
  /** The result, on standard output. */
  write(text: string): void;
  /** Notes for the user, one per line, on standard error. */
  note(lines: readonly string[]): void;
}
