import { printableText } from '../../src/domain/input/printable-text';

/** The API server refused a request, or did not answer. */
export class ApiFailure extends Error {
  /** @param status of HTTP; absent: no answer */
  public constructor(
    problem: string,
    public readonly status?: number,
  ) {
    super(`API server: ${printableText(problem)}${status === undefined ? '' : ` (${status})`}`);
    this.name = 'ApiFailure';
  }
}
