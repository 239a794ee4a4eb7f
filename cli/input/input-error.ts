/** Unusable input. The message says what is wrong and where; the user sees only the message. */
export class InputError extends Error {
  public constructor(message: string) {
    super(message);
    this.name = 'InputError';
  }
}
