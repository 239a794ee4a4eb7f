import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { lockFile, SystemCallError, setNetworkNamespace } from '../ffi/libc';

/** Which namespace it is, as long as it lives: two paths of one namespace have the same identity. */
export interface NamespaceIdentity {
  readonly device: number;
  readonly inode: number;
}

/** Why a path does not lead into a network namespace of its own. */
export class NamespaceError extends Error {
  public constructor(
    public readonly path: string,
    problem: string,
    /** Whether what was a pod's namespace is gone: nothing is there, or the node's own. */
    public readonly isGone: boolean,
    /** The kernel's error number, where it refused to enter. */
    public readonly errno?: number,
  ) {
    super(`network namespace ${path} ${problem}`);
    this.name = 'NamespaceError';
  }
}

/** By error number: EPERM and EINVAL. */
const ENTRY_PROBLEMS: Readonly<Record<number, string>> = {
  1: 'can only be entered by root (SYS_ADMIN), on the node',
  22: 'is not a network namespace',
};

const HOST = '/proc/self/ns/net';

/** A network namespace beside the one in which the process was started. */
export class Namespace implements Disposable {
  private constructor(
    public readonly path: string,
    /** An open file, by which the kernel knows the namespace. */
    public readonly fd: number,
    private readonly hostFd: number,
    public readonly identity: NamespaceIdentity,
  ) {}

  /**
   * Opens the namespace, and waits until no other call has it open: an ADD and a DEL of one pod at the same time would
   * leave half of each. The lock is the namespace's own, so it ends with the process, however that ends.
   *
   * @throws NamespaceError when there is nothing, or something else
   */
  public static open(path: string): Namespace {
    const namespace = Namespace.openToLook(path);
    try {
      lockFile(namespace.fd);
      return namespace;
    } catch (error) {
      namespace[Symbol.dispose]();
      throw error;
    }
  }

  /**
   * Opens the namespace beside others who have it open, and without waiting for them: to look, and change nothing.
   *
   * @throws NamespaceError when there is nothing, or something else
   */
  public static openToLook(path: string): Namespace {
    const hostFd = openSync(HOST, 'r');
    let fd: number | undefined;
    try {
      fd = openFile(path);
      const [host, identity] = [identityOf(fstatSync(hostFd)), identityOf(fstatSync(fd))];
      if (identity.device === host.device && identity.inode === host.inode) {
        throw new NamespaceError(path, "is the node's own, but a router needs a separate one", true);
      }
      return new Namespace(path, fd, hostFd, identity);
    } catch (error) {
      closeSync(hostFd);
      if (fd !== undefined) closeSync(fd);
      throw error;
    }
  }

  public [Symbol.dispose](): void {
    closeSync(this.fd);
    closeSync(this.hostFd);
  }

  /**
   * Does something within the namespace. It must be synchronous: only this thread is moved. Sockets opened there stay
   * there.
   */
  public run<T>(action: () => T): T {
    this.enter();
    try {
      return action();
    } finally {
      // If it failed, the process would go on in the wrong namespace; the error that it throws ends it.
      setNetworkNamespace(this.hostFd);
    }
  }

  private enter(): void {
    try {
      setNetworkNamespace(this.fd);
    } catch (error) {
      if (!(error instanceof SystemCallError)) throw error;
      const problem = ENTRY_PROBLEMS[error.errno];
      throw problem === undefined ? error : new NamespaceError(this.path, problem, false, error.errno);
    }
  }
}

function openFile(path: string): number {
  try {
    // A named pipe, which nobody writes into, is no namespace either.
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new NamespaceError(path, `cannot be opened (${code})`, code === 'ENOENT' || code === 'ENOTDIR');
  }
}

function identityOf({ dev, ino }: { readonly dev: number; readonly ino: number }): NamespaceIdentity {
  return { device: dev, inode: ino };
}
