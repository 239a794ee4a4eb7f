import { EACCES, EPERM } from '../../ffi/errno';
import { SystemCallError } from '../../ffi/libc';

/** What needs a capability, such as a packet socket: `forbidden` where this process has not got it. */
export function unlessForbidden<T>(action: () => T): T | 'forbidden' {
  try {
    return action();
  } catch (error) {
    if (error instanceof SystemCallError && [EPERM, EACCES].includes(error.errno)) return 'forbidden';
    throw error;
  }
}
