/** Why `serve` cannot start: the message is all that the user needs, and the exit code is 1. */
export class ServeError extends Error {
  public constructor(message: string) {
    super(message);
    this.name = 'ServeError';
  }
}
