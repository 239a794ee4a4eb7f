/** Where a command writes. */
export interface CommandOutput {
  /** The result, on standard output. */
  write(text: string): void;
  /** What a person should know beside it, a line each, on standard error. */
  note(lines: readonly string[]): void;
}
