import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { tryLockFile } from '../ffi/libc';
import { InstallError, inDirectory } from './install-error';
import { writeOwnExecutable } from './write-executable';

/** A name that no runtime calls: plugin names do not begin with a dot. */
const TEMPORARY = /^\..+\.egress-router-installing$/;

/** Milliseconds between attempts to get the lock. Waiting in the kernel would block signal handlers. */
const ASK_AGAIN = 50;

/** Milliseconds to wait for the lock: an installer on a busy node may take a while. */
const PATIENCE = 60_000;

/**
 * The node's directory of CNI plugins, locked by one installer at a time. The kernel's lock ends with the process, so a
 * killed installer leaves only a temporary file, which the next one removes.
 */
export class PluginDirectory implements Disposable {
  private temporary: string | undefined;

  private constructor(
    public readonly path: string,
    private readonly descriptor: number,
  ) {}

  /**
   * Waits for the lock, and removes what a killed installer left. Waiting has an end: any process that can open the
   * directory can hold the lock.
   *
   * @param patience milliseconds
   */
  public static async lock(path: string, patience = PATIENCE): Promise<PluginDirectory> {
    return inDirectory(path, 'lock it', async () => {
      const directory = new PluginDirectory(path, openSync(join(path, '.'), 'r'));
      try {
        await directory.waitForLock(patience);
        directory.removeLeftovers();
        return directory;
      } catch (error) {
        directory[Symbol.dispose]();
        throw error;
      }
    });
  }

  private async waitForLock(patience: number): Promise<void> {
    const deadline = performance.now() + patience;
    while (!tryLockFile(this.descriptor)) {
      if (performance.now() > deadline)
        throw new InstallError(
          `${this.path} is locked by another process (waited ${patience / 1000} s); accepted: one installer at a time. "fuser -v ${this.path}" on the node names who has it open`,
        );
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN));
    }
  }

  /** Writes this executable beside the plugin, for `moveIntoPlace` or `[Symbol.dispose]`. @returns the file's path */
  public async prepare(plugin: string): Promise<string> {
    const temporary = join(this.path, `.${plugin}.egress-router-installing`);
    this.temporary = temporary;
    await inDirectory(this.path, 'write the new executable', () => writeOwnExecutable(temporary));
    return temporary;
  }

  /** Replaces the plugin atomically, also across a power failure. */
  public async moveIntoPlace(plugin: string): Promise<void> {
    const { temporary } = this;
    if (temporary === undefined)
      throw new InstallError(`${plugin}: moved into place before it was written; accepted: prepare() first`);
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

  /** Removes a prepared file that was not moved, and releases the lock. */
  public [Symbol.dispose](): void {
    try {
      if (this.temporary !== undefined) rmSync(this.temporary, { force: true });
    } catch {
      // The error that prevented writing it also prevents removing it; the next installer retries.
    }
    closeSync(this.descriptor);
  }

  /** The writer of a temporary file is dead, else it would hold the lock. */
  private removeLeftovers(): void {
    for (const entry of readdirSync(this.path, { withFileTypes: true })) {
      if (!TEMPORARY.test(entry.name)) continue;
      const path = join(this.path, entry.name);
      if (entry.isDirectory())
        throw new InstallError(
          `${path} is a directory where the installer writes the new executable; accepted: a file or no entry, so remove it`,
        );
      rmSync(path, { force: true });
    }
  }
}
