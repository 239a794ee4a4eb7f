import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { tryLockFile } from '../ffi/libc';
import { InstallError, inDirectory } from './install-error';
import { writeOwnExecutable } from './write-executable';

/** A name that no runtime calls: a plugin's does not begin with a dot. */
const TEMPORARY = /^\..+\.egress-router-installing$/;

/** How often a waiting installer asks for the lock. It does not sleep in the kernel, where it would hear no signal. */
const ASK_AGAIN = 50;

/**
 * The node's directory of CNI plugins, held by one installer at a time. The lock is the kernel's and ends with the
 * process, so a killed installer leaves nothing but a temporary file, which the next one takes away.
 */
export class PluginDirectory implements Disposable {
  private temporary: string | undefined;

  private constructor(
    public readonly path: string,
    private readonly descriptor: number,
  ) {}

  /** Waits until no other installer holds the directory, and clears what a killed one left. */
  public static async lock(path: string): Promise<PluginDirectory> {
    return inDirectory(path, 'lock it', async () => {
      const descriptor = openSync(join(path, '.'), 'r');
      while (!tryLockFile(descriptor)) await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN));
      const directory = new PluginDirectory(path, descriptor);
      try {
        directory.removeLeftovers();
        return directory;
      } catch (error) {
        directory[Symbol.dispose]();
        throw error;
      }
    });
  }

  /** Writes this executable beside the plugin, for `moveIntoPlace` or `[Symbol.dispose]`. @returns the file's path */
  public async prepare(plugin: string): Promise<string> {
    const temporary = join(this.path, `.${plugin}.egress-router-installing`);
    this.temporary = temporary;
    await inDirectory(this.path, 'write the new executable', () => writeOwnExecutable(temporary));
    return temporary;
  }

  /** The plugin is one file or the other at each moment, and after a power failure too. */
  public async moveIntoPlace(plugin: string): Promise<void> {
    const { temporary } = this;
    if (temporary === undefined) throw new InstallError('nothing was prepared');
    await inDirectory(this.path, `rename the new executable to ${plugin}`, () => {
      renameSync(temporary, join(this.path, plugin));
      this.temporary = undefined;
      fsyncSync(this.descriptor);
    });
  }

  public async remove(plugin: string): Promise<void> {
    await inDirectory(this.path, `remove ${plugin}`, () => {
      rmSync(join(this.path, plugin));
      fsyncSync(this.descriptor);
    });
  }

  /** Takes away what was prepared and not moved, and lets the next installer in. */
  public [Symbol.dispose](): void {
    try {
      if (this.temporary !== undefined) rmSync(this.temporary, { force: true });
    } catch {
      // What kept it from being written keeps it from being removed; the next installer tries again.
    }
    closeSync(this.descriptor);
  }

  /** Whoever wrote a temporary file is dead: it would hold the lock. */
  private removeLeftovers(): void {
    for (const entry of readdirSync(this.path, { withFileTypes: true })) {
      if (!TEMPORARY.test(entry.name)) continue;
      const path = join(this.path, entry.name);
      if (entry.isDirectory())
        throw new InstallError(`${path} is a directory, where the installer writes the new executable: remove it`);
      rmSync(path, { force: true });
    }
  }
}
