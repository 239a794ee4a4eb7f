/** Something that was given cannot be used; the message says what and where, and is all that the user sees. */
export class InputError extends Error {
  public constructor(message: string) {
    super(message);
    this.name = 'InputError';
  }
}
