import { readFileSync, writeFileSync } from 'node:fs';
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

/** The value in this thread's namespace; nothing if the kernel lacks the setting. */
export function readSetting(path: string): string | undefined {
  try {
    return readFileSync(`/proc/sys/${path}`, 'utf8').trim();
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
    writeFileSync(`/proc/sys/${path}`, value, { flag: 'r+' });
  } catch (error) {
    if (isSettled(setting, readSetting(path))) return;
    throw new KernelSettingError(path, `write ${value} to`, error);
  }
}
