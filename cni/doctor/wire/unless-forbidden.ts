import { EACCES, EPERM } from '../../ffi/errno';
import { SystemCallError } from '../../ffi/libc';

/** Runs a function that needs a capability, such as for a packet socket: `forbidden` without it. */
export function unlessForbidden<T>(action: () => T): T | 'forbidden' {
  try {
    return action();
  } catch (error) {
    if (error instanceof SystemCallError && [EPERM, EACCES].includes(error.errno)) return 'forbidden';
    throw error;
  }
}
