import { ENOPROTOOPT } from '../ffi/errno';
import {
  AF_NETLINK,
  closeSocket,
  openSocket,
  SOCK_RAW,
  SOL_SOCKET,
  SystemCallError,
  socketOption64,
} from '../ffi/libc';

const SO_NETNS_COOKIE = 71;

/** The number of this thread's network namespace, which no other has until the node reboots; from Linux 5.14 on. */
export function namespaceCookie(): string | undefined {
  const fd = openSocket(AF_NETLINK, SOCK_RAW, 0);
  try {
    return String(socketOption64(fd, SOL_SOCKET, SO_NETNS_COOKIE));
  } catch (error) {
    if (error instanceof SystemCallError && error.errno === ENOPROTOOPT) return undefined;
    throw error;
  } finally {
    closeSocket(fd);
  }
}
