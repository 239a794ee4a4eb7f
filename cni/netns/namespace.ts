import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { EINVAL, EPERM } from '../ffi/errno';
import { SystemCallError, setNetworkNamespace } from '../ffi/libc';
import { namespaceCookie } from './namespace-cookie';
import { lockNamespace } from './namespace-lock';

/** Identifies a namespace: two paths of one namespace have the same identity. */
export interface NamespaceIdentity {
  readonly device: number;
  /** Given out again after the namespace's end. */
  readonly inode: number;
  /** Never given out again until the node reboots; absent before Linux 5.14. */
  readonly cookie?: string;
}

/**
 * `gone`: the path is missing, or leads to a file or namespace that may be in the place of a pod's that ended.
 * `foreign`: it leads to what no pod's path has led to. `inaccessible`: unknown.
 */
export type PathState = 'gone' | 'foreign' | 'inaccessible';

/** A path that does not lead to a separate network namespace. */
export class NamespaceError extends Error {
  public constructor(
    public readonly path: string,
    problem: string,
    public readonly state: PathState,
    /** The kernel's error number, if entering failed. */
    public readonly errno?: number,
  ) {
    super(`network namespace ${path} ${problem}`);
    this.name = 'NamespaceError';
  }
}

/** By error number. */
const ENTRY_PROBLEMS: Readonly<Record<number, string>> = {
  [EPERM]: 'can only be entered by root (SYS_ADMIN), on the node',
  [EINVAL]: 'is a file of another kind',
};

const HOST = '/proc/self/ns/net';

/** A network namespace other than the one in which the process was started. */
export class Namespace implements Disposable {
  private lock: number | undefined;

  private constructor(
    public readonly path: string,
    /** An open file, which identifies the namespace to the kernel. */
    public readonly fd: number,
    private readonly hostFd: number,
    private readonly file: Pick<NamespaceIdentity, 'device' | 'inode'>,
  ) {}

  /**
   * Opens and locks the namespace, waiting for other calls: a concurrent ADD and DEL of one pod would leave half of
   * each.
   *
   * @throws NamespaceError if the path is missing, or is not a network namespace
   * @throws NamespaceBusyError if another call does not end in time
   */
  public static open(path: string): Namespace {
    const namespace = Namespace.openToLook(path);
    try {
      namespace.lock = lockNamespace(path, namespace.file.inode);
      return namespace;
    } catch (error) {
      namespace[Symbol.dispose]();
      throw error;
    }
  }

  /**
   * Opens the namespace without locking it, for reading only.
   *
   * @throws NamespaceError if the path is missing, or is not a network namespace
   */
  public static openToLook(path: string): Namespace {
    const hostFd = openSync(HOST, 'r');
    let fd: number | undefined;
    try {
      fd = openFile(path);
      const [host, identity] = [identityOf(fstatSync(hostFd)), identityOf(fstatSync(fd))];
      // All namespaces are on one device. Such a file is what stays of a path when its namespace is unmounted.
      if (identity.device !== host.device) throw new NamespaceError(path, ENTRY_PROBLEMS[EINVAL]!, 'gone');
      if (identity.inode === host.inode) {
        throw new NamespaceError(path, "is the node's own, but a router needs a separate one", 'gone');
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
    if (this.lock !== undefined) closeSync(this.lock);
  }

  /** The identity that outlasts the namespace: no later one has it. */
  public identity(): NamespaceIdentity {
    const cookie = this.run(namespaceCookie);
    return cookie === undefined ? this.file : { ...this.file, cookie };
  }

  /** Whether it is the namespace of that identity. */
  public is({ device, inode, cookie }: NamespaceIdentity): boolean {
    if (device !== this.file.device || inode !== this.file.inode) return false;
    return cookie === undefined || cookie === this.identity().cookie;
  }

  /**
   * Runs a function within the namespace. It must be synchronous, because only this thread moves. Sockets opened there
   * stay there.
   */
  public run<T>(action: () => T): T {
    this.enter();
    try {
      return action();
    } finally {
      // If it fails, the process must not continue in the wrong namespace: the thrown error ends it.
      setNetworkNamespace(this.hostFd);
    }
  }

  /**
   * Runs an asynchronous function within the namespace. The thread stays there until its end: nothing else that uses
   * the network may run meanwhile.
   */
  public async runAlone<T>(action: () => Promise<T>): Promise<T> {
    this.enter();
    try {
      return await action();
    } finally {
      setNetworkNamespace(this.hostFd);
    }
  }

  private enter(): void {
    try {
      setNetworkNamespace(this.fd);
    } catch (error) {
      if (!(error instanceof SystemCallError)) throw error;
      const problem = ENTRY_PROBLEMS[error.errno];
      if (problem === undefined) throw error;
      throw new NamespaceError(this.path, problem, error.errno === EINVAL ? 'foreign' : 'inaccessible', error.errno);
    }
  }
}

/** By error of the system call. `ENXIO` and `ENODEV` are those of sockets and devices. */
const OPEN_STATES: Readonly<Record<string, PathState>> = {
  ENOENT: 'gone',
  ENOTDIR: 'gone',
  ELOOP: 'foreign',
  ENAMETOOLONG: 'foreign',
  ENXIO: 'foreign',
  ENODEV: 'foreign',
};

function openFile(path: string): number {
  try {
    // Without blocking, because the path may be a named pipe without a writer.
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    // Says nothing of the path.
    if (['ENOMEM', 'EMFILE', 'ENFILE'].includes(code)) throw error;
    throw new NamespaceError(path, `cannot be opened (${code})`, OPEN_STATES[code] ?? 'inaccessible');
  }
}

function identityOf({ dev, ino }: { readonly dev: number; readonly ino: number }) {
  return { device: dev, inode: ino };
}
