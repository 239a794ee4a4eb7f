import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { isSettled, type Sysctl } from '../../src/domain/data-plane/data-plane';

/** Thrown if a kernel setting cannot be read or written. */
export class KernelSettingError extends Error {
  /** Such as `EROFS`. */
  public readonly code: string | undefined;
  public readonly errno: number | undefined;

  public constructor(path: string, verb: string, cause: unknown) {
    const { code, errno, message } = cause as NodeJS.ErrnoException;
    super(`cannot ${verb} /proc/sys/${path}: ${code ?? message}`);
    this.name = 'KernelSettingError';
    this.code = code;
    this.errno = errno;
  }
}

/** Longer than any setting's value. */
const buffer = Buffer.alloc(256);

/** The value in this thread's namespace; nothing if the kernel lacks the setting. */
export function readSetting(path: string): string | undefined {
  try {
    return withFile(path, 'r', (fd) => buffer.toString('latin1', 0, readSync(fd, buffer)).trim());
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new KernelSettingError(path, 'read', error);
  }
}

/** Writes the value. A failure is ignored if the value is already right, as on a read-only /proc. */
export function writeSetting(setting: Sysctl): void {
  const { path, value, insteadOf } = setting;
  if (insteadOf !== undefined && isSettled(setting, readSetting(path))) return;
  try {
    withFile(path, 'r+', (fd) => writeSync(fd, value));
  } catch (error) {
    if (isSettled(setting, readSetting(path))) return;
    throw new KernelSettingError(path, `write ${value} to`, error);
  }
}

/** With one buffer for all: `readFileSync` allocates 256 KiB for each file of /proc, whose size is 0. */
function withFile<T>(path: string, flags: 'r' | 'r+', use: (fd: number) => T): T {
  const fd = openSync(`/proc/sys/${path}`, flags);
  try {
    return use(fd);
  } finally {
    closeSync(fd);
  }
}
