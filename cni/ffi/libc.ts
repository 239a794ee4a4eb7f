/**
 * The only foreign functions of this program: those for sockets and namespaces that the runtime lacks.
 *
 * All of them run synchronously on the main thread: after setns(2) only the calling thread is in the pod's namespace.
 */

import { dlopen, FFIType, type Pointer, ptr, read } from 'bun:ffi';
import { closeSync } from 'node:fs';
import { EAGAIN, EINTR } from './errno';

/** A call failed. */
export class SystemCallError extends Error {
  public constructor(
    public readonly call: string,
    public readonly errno: number,
  ) {
    super(`${call}: error ${errno}`);
    this.name = 'SystemCallError';
  }
}

export const AF_NETLINK = 16;
export const AF_PACKET = 17;
export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;
export const SOCK_NONBLOCK = 0x800;
export const SOCK_CLOEXEC = 0x80000;
export const SOL_SOCKET = 1;
export const MSG_DONTWAIT = 0x40;
export const CLONE_NEWNET = 0x40000000;
export const CLONE_FS = 0x200;

const { symbols } = dlopen('libc.so.6', {
  setns: { args: ['i32', 'i32'], returns: 'i32' },
  unshare: { args: ['i32'], returns: 'i32' },
  chroot: { args: ['ptr'], returns: 'i32' },
  fchdir: { args: ['i32'], returns: 'i32' },
  syscall: { args: [FFIType.i64_fast, 'i32', 'ptr', 'ptr', FFIType.u64_fast], returns: FFIType.i64_fast },
  socket: { args: ['i32', 'i32', 'i32'], returns: 'i32' },
  bind: { args: ['i32', 'ptr', 'u32'], returns: 'i32' },
  connect: { args: ['i32', 'ptr', 'u32'], returns: 'i32' },
  getsockopt: { args: ['i32', 'i32', 'i32', 'ptr', 'ptr'], returns: 'i32' },
  setsockopt: { args: ['i32', 'i32', 'i32', 'ptr', 'u32'], returns: 'i32' },
  send: { args: ['i32', 'ptr', FFIType.u64_fast, 'i32'], returns: FFIType.i64_fast },
  sendto: {
    args: ['i32', 'ptr', FFIType.u64_fast, 'i32', 'ptr', 'u32'],
    returns: FFIType.i64_fast,
  },
  recv: { args: ['i32', 'ptr', FFIType.u64_fast, 'i32'], returns: FFIType.i64_fast },
  poll: { args: ['ptr', FFIType.u64_fast, 'i32'], returns: 'i32' },
  flock: { args: ['i32', 'i32'], returns: 'i32' },
  fcntl: { args: ['i32', 'i32', 'ptr'], returns: 'i32' },
  __errno_location: { args: [], returns: 'ptr' },
});

/** The address of this thread's errno, which is constant. */
const errnoLocation = symbols.__errno_location() as Pointer;

/** Moves this thread into the network namespace behind an open file. */
export function setNetworkNamespace(fd: number): void {
  check('setns', () => symbols.setns(fd, CLONE_NEWNET));
}

/** Moves this thread into a network namespace of its own, which ends with the process. */
export function newNetworkNamespace(): void {
  check('unshare', () => symbols.unshare(CLONE_NEWNET));
}

/** Gives this thread a root and a working directory of its own. */
export function ownFileSystemContext(): void {
  check('unshare', () => symbols.unshare(CLONE_FS));
}

export function changeRoot(path: string): void {
  const text = Buffer.from(`${path}\0`);
  check('chroot', () => symbols.chroot(text));
}

/** @param directory an open directory, which may lie outside of this thread's root */
export function changeDirectory(directory: number): void {
  check('fchdir', () => symbols.fchdir(directory));
}

/**
 * Opens a file below a directory that is not trusted, as if that was the root: of absolute links and `..`, too. Links
 * of /proc, such as a process' root, are refused.
 *
 * @throws SystemCallError, with ENOSYS before Linux 5.6
 */
export function openInRoot(root: number, path: string, flags: number): number {
  const [SYS_OPENAT2, O_CLOEXEC, RESOLVE_NO_MAGICLINKS, RESOLVE_IN_ROOT] = [437, 0x80000, 0x02, 0x10];
  // struct open_how: flags, mode, resolve.
  const how = new BigUint64Array([BigInt(flags | O_CLOEXEC), 0n, BigInt(RESOLVE_NO_MAGICLINKS | RESOLVE_IN_ROOT)]);
  const text = Buffer.from(`${path}\0`);
  return check('openat2', () => Number(symbols.syscall(SYS_OPENAT2, root, text, how, how.byteLength)));
}

/** Locks a file, unless another process has; the lock ends with the descriptor. */
export function tryLockFile(fd: number): boolean {
  const [LOCK_EX, LOCK_NB] = [2, 4];
  return unlessLocked(() => check('flock', () => symbols.flock(fd, LOCK_EX | LOCK_NB)));
}

/** Locks one byte of a file, unless another process has; the lock ends with the descriptor. The byte need not exist. */
export function tryLockByte(fd: number, offset: number): boolean {
  const F_OFD_SETLK = 37;
  // struct flock: 16 bits F_WRLCK, 16 bits SEEK_SET, padding, 64 bits offset, 64 bits length, 32 bits 0.
  const lock = new Uint8Array(32);
  const view = new DataView(lock.buffer);
  view.setInt16(0, 1, true);
  view.setBigInt64(8, BigInt(offset), true);
  view.setBigInt64(16, 1n, true);
  return unlessLocked(() => check('fcntl', () => symbols.fcntl(fd, F_OFD_SETLK, lock)));
}

function unlessLocked(lock: () => void): boolean {
  try {
    lock();
    return true;
  } catch (error) {
    if (error instanceof SystemCallError && error.errno === EAGAIN) return false;
    throw error;
  }
}

export function openSocket(domain: number, type: number, protocol: number): number {
  return check('socket', () => symbols.socket(domain, type | SOCK_CLOEXEC, protocol));
}

export function closeSocket(fd: number): void {
  closeSync(fd);
}

/** @param address a `struct sockaddr` */
export function bindSocket(fd: number, address: Uint8Array): void {
  check('bind', () => symbols.bind(fd, address, address.length));
}

/**
 * Binds a socket to an interface: policy rules of that interface find the routes of its packets.
 *
 * @throws SystemCallError, with EPERM before Linux 5.7 without NET_RAW
 */
export function bindToInterface(fd: number, index: number): void {
  const SO_BINDTOIFINDEX = 62;
  setSocketOption(fd, SOL_SOCKET, SO_BINDTOIFINDEX, new Uint8Array(new Int32Array([index]).buffer));
}

/** @param address a `struct sockaddr` @throws SystemCallError: EINPROGRESS where the socket does not block */
export function connectSocket(fd: number, address: Uint8Array): void {
  check('connect', () => symbols.connect(fd, address, address.length));
}

/** The result of a pending operation on a socket, 0 for success; reading it clears it. */
export function socketError(fd: number): number {
  const SO_ERROR = 4;
  return socketOption(fd, SOL_SOCKET, SO_ERROR);
}

/** An option whose value is an `int`. */
export function socketOption(fd: number, level: number, option: number): number {
  const value = new Int32Array(1);
  const length = new Uint32Array([value.byteLength]);
  check('getsockopt', () => symbols.getsockopt(fd, level, option, value, length));
  return value[0]!;
}

/** An option whose value is a 64-bit number. */
export function socketOption64(fd: number, level: number, option: number): bigint {
  const value = new BigUint64Array(1);
  const length = new Uint32Array([value.byteLength]);
  check('getsockopt', () => symbols.getsockopt(fd, level, option, value, length));
  return value[0]!;
}

export function setSocketOption(fd: number, level: number, option: number, value: Uint8Array): void {
  check('setsockopt', () => symbols.setsockopt(fd, level, option, value, value.length));
}

/**
 * Accepts only frames that a classic BPF program lets through. @param program `struct sock_filter`, eight bytes each
 */
export function attachFilter(fd: number, program: Uint8Array): void {
  // struct sock_fprog: a 16-bit count, padding, a pointer.
  const header = new Uint8Array(16);
  const view = new DataView(header.buffer);
  view.setUint16(0, program.length / 8, true);
  const SO_ATTACH_FILTER = 26;
  check('setsockopt', () => {
    // Within the call, whose retries keep the program from being collected.
    view.setBigUint64(8, BigInt(ptr(program)), true);
    return symbols.setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, header, header.length);
  });
}

export function sendBytes(fd: number, bytes: Uint8Array): void {
  const sent = check('send', () => Number(symbols.send(fd, bytes, bytes.length, 0)));
  if (sent !== bytes.length) throw new SystemCallError(`send (${sent} of ${bytes.length} bytes)`, 0);
}

/** Sends one datagram without blocking. @param address a `struct sockaddr` */
export function sendBytesTo(fd: number, bytes: Uint8Array, address: Uint8Array): void {
  check('sendto', () => Number(symbols.sendto(fd, bytes, bytes.length, MSG_DONTWAIT, address, address.length)));
}

/**
 * Receives one datagram.
 *
 * @returns its length, at most the buffer's; nothing without one if `flags` has MSG_DONTWAIT
 */
export function receiveBytes(fd: number, buffer: Uint8Array, flags = 0): number | undefined {
  try {
    return check('recv', () => Number(symbols.recv(fd, buffer, buffer.length, flags)));
  } catch (error) {
    if (error instanceof SystemCallError && error.errno === EAGAIN) return undefined;
    throw error;
  }
}

/** Waits until one of the sockets has something to receive, at most `milliseconds`; without sockets, it sleeps. */
export function waitForInput(fds: readonly number[], milliseconds: number): boolean {
  const POLLIN = 1;
  return poll(fds, POLLIN, milliseconds).size > 0;
}

/** Waits until one of the sockets is writable, or its connection succeeded or failed. @returns which */
export function waitForOutput(fds: readonly number[], milliseconds: number): ReadonlySet<number> {
  const POLLOUT = 4;
  return poll(fds, POLLOUT, milliseconds);
}

function poll(fds: readonly number[], events: number, milliseconds: number): Set<number> {
  // struct pollfd: a 32-bit descriptor, 16 bits wanted, 16 bits found.
  const list = new Uint8Array(Math.max(8, fds.length * 8));
  const view = new DataView(list.buffer);
  for (const [index, fd] of fds.entries()) {
    view.setInt32(index * 8, fd, true);
    view.setUint16(index * 8 + 4, events, true);
  }
  const deadline = performance.now() + milliseconds;
  // Computed again for each attempt, so that signals do not prolong it.
  const remaining = () => Math.max(0, Math.ceil(deadline - performance.now()));
  check('poll', () => symbols.poll(list, fds.length, remaining()));
  return new Set(fds.filter((_fd, index) => view.getUint16(index * 8 + 6, true) !== 0));
}

/** Calls until it was not interrupted by a signal. errno is read at once, before anything else can set it. */
function check(name: string, call: () => number): number {
  for (;;) {
    const result = call();
    if (result >= 0) return result;
    const errno = read.i32(errnoLocation, 0);
    if (errno !== EINTR) throw new SystemCallError(name, errno);
  }
}
