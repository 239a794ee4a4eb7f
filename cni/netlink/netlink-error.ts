import { errnoName } from '../ffi/errno';

/**
 * An operation in the syntax of `ip` or `nft`, which begins an error message. As a function where its text is long: a
 * table has dozens of rules, and almost no request fails.
 */
export type Operation = string | (() => string);

export function operationText(operation: Operation): string {
  return typeof operation === 'string' ? operation : operation();
}

/** The kernel rejected a request, or a socket failed. */
export class NetlinkError extends Error {
  public readonly operation: string;

  /**
   * @param operation the request
   * @param errno positive, as in errno(3)
   * @param kernelMessage the kernel's own message, if any (NETLINK_EXT_ACK)
   */
  public constructor(
    operation: Operation,
    public readonly errno: number,
    public readonly kernelMessage?: string,
  ) {
    const text = operationText(operation);
    super(`${text}: ${errnoName(errno)}${kernelMessage === undefined ? '' : ` (${kernelMessage})`}`);
    this.operation = text;
    this.name = 'NetlinkError';
  }
}

export function hasErrno(error: unknown, ...numbers: readonly number[]): error is NetlinkError {
  return error instanceof NetlinkError && numbers.includes(error.errno);
}
