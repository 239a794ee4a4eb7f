/** A command line that cannot be understood: the message is all that the user sees, and the exit code is 2. */
export class UsageError extends Error {
  public constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}
