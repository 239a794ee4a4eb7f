/** `serve` cannot start. The user sees only the message, and the exit code is 1. */
export class ServeError extends Error {
  public constructor(message: string) {
    super(message);
    this.name = 'ServeError';
  }
}
