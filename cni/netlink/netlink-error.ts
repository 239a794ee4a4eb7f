import { errnoName } from '../ffi/errno';

/** The kernel rejected a request, or a socket failed. */
export class NetlinkError extends Error {
  /**
   * @param operation the request, in the syntax of `ip` or `nft`
   * @param errno positive, as in errno(3)
   * @param kernelMessage the kernel's own message, if any (NETLINK_EXT_ACK)
   */
  public constructor(
    public readonly operation: string,
    public readonly errno: number,
    public readonly kernelMessage?: string,
  ) {
    super(`${operation}: ${errnoName(errno)}${kernelMessage === undefined ? '' : ` (${kernelMessage})`}`);
    this.name = 'NetlinkError';
  }
}

export function hasErrno(error: unknown, ...numbers: readonly number[]): error is NetlinkError {
  return error instanceof NetlinkError && numbers.includes(error.errno);
}
