/** A command line that cannot be understood: the message is all that the user sees. */
export class UsageError extends Error {
  public constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}
