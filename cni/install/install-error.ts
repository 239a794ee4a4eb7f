/** The installer failed; the message is for the reader of the pod's log. */
export class InstallError extends Error {
  public constructor(message: string) {
    super(message);
    this.name = 'InstallError';
  }
}

/** The meaning of file system errors for a plugin directory. */
const MEANINGS: Readonly<Record<string, string>> = {
  ENOENT: "does not exist; accepted: the container runtime's plugin directory",
  ENOTDIR: "is not a directory; accepted: the container runtime's plugin directory",
  ELOOP: 'is a symbolic link loop: mount the directory itself',
  ENAMETOOLONG: "is longer than Linux's path limit",
  EROFS: 'is on a read-only file system: mount it writable',
  ENOSPC: 'is on a file system that is full',
  EDQUOT: 'is on a file system whose quota is used up',
  EFBIG: 'cannot have a file as large as the executable: raise the limit of this container (ulimit -f)',
  EBUSY: "has something mounted in the plugin's place: unmount that",
  EACCES: 'is not accessible to this user: the installer must run as root, with DAC_OVERRIDE if root is not the owner',
  EPERM: 'cannot be written: the installer must run as root, and the files must not be immutable',
  EIO: 'is on a disk that fails (EIO)',
};

/** Runs a step on a plugin directory, and explains its failure. */
export async function inDirectory<T>(directory: string, step: string, action: () => T | Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof InstallError) throw error;
    const { code = '', message } = error as { code?: string; message: string };
    const meaning = MEANINGS[code] ?? `cannot be used (${message})`;
    throw new InstallError(`--cni-bin-dir: ${directory} ${meaning} (${step})`);
  }
}
