/** Error numbers of Linux in use here; the same on x86-64 and arm64. */
export const EPERM = 1;
export const ENOENT = 2;
export const ESRCH = 3;
export const EINTR = 4;
export const ENXIO = 6;
export const EBADF = 9;
export const EAGAIN = 11;
export const ENOMEM = 12;
export const EACCES = 13;
export const EFAULT = 14;
export const EBUSY = 16;
export const EEXIST = 17;
export const ENODEV = 19;
export const ENOTDIR = 20;
export const EINVAL = 22;
export const ENFILE = 23;
export const EMFILE = 24;
export const ENOSPC = 28;
export const ERANGE = 34;
export const ENAMETOOLONG = 36;
export const ELOOP = 40;
export const ERESTART = 85;
export const EMSGSIZE = 90;
export const ENOPROTOOPT = 92;
export const EPROTONOSUPPORT = 93;
export const EOPNOTSUPP = 95;
export const EAFNOSUPPORT = 97;
export const EADDRINUSE = 98;
export const EADDRNOTAVAIL = 99;
export const ENETDOWN = 100;
export const ENETUNREACH = 101;
export const ENOBUFS = 105;
export const ETIMEDOUT = 110;
export const ECONNREFUSED = 111;
export const EHOSTUNREACH = 113;
export const EINPROGRESS = 115;

const NAMES: Readonly<Record<number, string>> = {
  [EPERM]: 'EPERM, operation not permitted',
  [ENOENT]: 'ENOENT, no such thing',
  [ESRCH]: 'ESRCH, no such entry',
  [EINTR]: 'EINTR, interrupted',
  [ENXIO]: 'ENXIO, no such device or address',
  [EBADF]: 'EBADF, bad file descriptor',
  [EAGAIN]: 'EAGAIN, try again',
  [ENOMEM]: 'ENOMEM, out of memory',
  [EACCES]: 'EACCES, permission denied',
  [EFAULT]: 'EFAULT, bad address',
  [EBUSY]: 'EBUSY, in use by something else',
  [EEXIST]: 'EEXIST, exists already',
  [ENODEV]: 'ENODEV, no such device',
  [ENOTDIR]: 'ENOTDIR, not a directory',
  [EINVAL]: 'EINVAL, invalid argument',
  [ENFILE]: 'ENFILE, table is full',
  [EMFILE]: 'EMFILE, too many open files',
  [ENOSPC]: 'ENOSPC, no space left',
  [ERANGE]: 'ERANGE, out of range',
  [ENAMETOOLONG]: 'ENAMETOOLONG, name too long',
  [ELOOP]: 'ELOOP, symbolic link loop',
  [ERESTART]: 'ERESTART, changed concurrently',
  [ENOPROTOOPT]: 'ENOPROTOOPT, no such socket option',
  [EPROTONOSUPPORT]: 'EPROTONOSUPPORT, protocol not supported',
  [EMSGSIZE]: 'EMSGSIZE, message too long',
  [EOPNOTSUPP]: 'EOPNOTSUPP, not supported',
  [EAFNOSUPPORT]: 'EAFNOSUPPORT, address family not supported',
  [EADDRINUSE]: 'EADDRINUSE, address in use',
  [EADDRNOTAVAIL]: 'EADDRNOTAVAIL, address not available',
  [ENETDOWN]: 'ENETDOWN, network is down',
  [ENETUNREACH]: 'ENETUNREACH, network is unreachable',
  [ENOBUFS]: 'ENOBUFS, no buffer space',
  [ETIMEDOUT]: 'ETIMEDOUT, timed out',
  [ECONNREFUSED]: 'ECONNREFUSED, connection refused',
  [EINPROGRESS]: 'EINPROGRESS, in progress',
  [EHOSTUNREACH]: 'EHOSTUNREACH, no route to host',
};

export function errnoName(errno: number): string {
  return NAMES[errno] ?? `error ${errno}`;
}
