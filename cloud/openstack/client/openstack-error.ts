/** The type of an error about TLS: certificates, most often. */
export const TLS_PROBLEM = 'TlsProblem';

/** A request that OpenStack rejected or did not answer. Its message names the request, but not its headers or body. */
export class OpenStackError extends Error {
  /**
   * @param message what happened, starting with the request
   * @param status HTTP status of the answer; 0 without an answer
   * @param type the service's name of the error, such as `AllowedAddressPairExhausted`
   */
  public constructor(
    message: string,
    public readonly status: number,
    public readonly type = '',
  ) {
    super(message);
    this.name = 'OpenStackError';
  }

  /** Whether a retry may succeed: the service is overloaded, restarting or unreachable. */
  public get isTransient(): boolean {
    if (this.status === 0) return this.type !== TLS_PROBLEM;
    return [408, 429, 500, 502, 503, 504].includes(this.status);
  }
}
