/** The type of an error about TLS: certificates, most often. */
export const TLS_PROBLEM = 'TlsProblem';

/** A request that OpenStack refused, or did not answer. Its message names the request, and never what it was sent with. */
export class OpenStackError extends Error {
  /**
   * @param message what happened, beginning with the request
   * @param status HTTP status of the answer; 0 when there was none
   * @param type the service's own name for it, such as `AllowedAddressPairExhausted`
   */
  public constructor(
    message: string,
    public readonly status: number,
    public readonly type = '',
  ) {
    super(message);
    this.name = 'OpenStackError';
  }

  /** Whether the same request may be answered in a moment: the service is overloaded, restarting or out of reach. */
  public get isTransient(): boolean {
    if (this.status === 0) return this.type !== TLS_PROBLEM;
    return [408, 429, 500, 502, 503, 504].includes(this.status);
  }
}
