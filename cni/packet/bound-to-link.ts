import { EPERM } from '../ffi/errno';
import { bindToInterface, SystemCallError } from '../ffi/libc';

/**
 * Binds a socket of the pod to an interface, where the kernel lets it: before Linux 5.7 only with NET_RAW.
 *
 * @returns whether it is bound
 */
export function bindToLink(fd: number, interfaceIndex: number): boolean {
  try {
    bindToInterface(fd, interfaceIndex);
    return true;
  } catch (error) {
    if (error instanceof SystemCallError && error.errno === EPERM) return false;
    throw error;
  }
}
