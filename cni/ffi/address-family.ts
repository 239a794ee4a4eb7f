import type { Family } from '../../src/domain/values/ip-address';

export const AF_UNSPEC = 0;
export const AF_INET = 2;
export const AF_INET6 = 10;

/** The kernel's number of an address family, in sockets and in messages. */
export function addressFamily(family: Family): number {
  return family === 4 ? AF_INET : AF_INET6;
}

/** The family of a kernel's number; nothing for those that are neither. */
export function familyOf(addressFamily: number): Family | undefined {
  if (addressFamily === AF_INET) return 4;
  return addressFamily === AF_INET6 ? 6 : undefined;
}
