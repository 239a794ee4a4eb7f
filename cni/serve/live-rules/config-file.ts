import { createHash } from 'node:crypto';
import { type FSWatcher, statSync, watch } from 'node:fs';
import { dirname } from 'node:path';
import { ConfigVersions } from '../../../src/domain/router/config-versions';
import type { NetworkConfig } from '../../../src/domain/router/network-config';
import { withHealthPort } from '../../../src/domain/router/serve-config';
import { configProblem, readConfigBytes } from '../read-config';

/** What the file holds, or what is wrong with it. */
export type ConfigVersion =
  | { readonly hash: string; readonly config: NetworkConfig }
  | { readonly hash?: string; readonly problem: string };

/**
 * The router's configuration in a file that somebody else replaces: kubelet, which turns a symbolic link to a new
 * folder.
 *
 * A version is told by the file's bytes, and its hash is theirs: SHA-256, in hexadecimal.
 */
export class ConfigFile implements Disposable {
  private readonly watcher: FSWatcher | undefined;
  /** What was last read: the same file, and the same content. */
  private identity: string | undefined;
  private content: string | undefined;
  private readonly versions = new ConfigVersions();

  /**
   * @param onEvent called when something happens to the file or beside it; not reliably, so `next` is to be called by a
   * clock too
   */
  public constructor(
    private readonly path: string,
    onEvent: () => void,
  ) {
    this.watcher = watchFolder(dirname(path), onEvent);
  }

  /** Whether events come: where inotify is used up, they do not. */
  public get isWatched(): boolean {
    return this.watcher !== undefined;
  }

  public [Symbol.dispose](): void {
    this.watcher?.close();
  }

  /**
   * The version that the file holds, if it is another than at the last call.
   *
   * @param isForced whether the file is read even if it looks like the one that was read before
   */
  public readChange(isForced = false): ConfigVersion | undefined {
    const identity = identityOf(this.path);
    if (identity === this.identity && !isForced) return undefined;
    this.identity = identity;
    try {
      const bytes = readConfigBytes(this.path);
      const hash = createHash('sha256').update(bytes).digest('hex');
      return this.isNew(hash) ? this.decode(bytes, hash) : undefined;
    } catch (error) {
      const problem = configProblem(error);
      return this.isNew(problem) ? { problem } : undefined;
    }
  }

  private decode(bytes: Buffer, hash: string): ConfigVersion {
    try {
      const input: unknown = JSON.parse(bytes.toString('utf8'));
      return { hash, config: this.versions.decode(withHealthPort(input)) };
    } catch (error) {
      return { hash, problem: configProblem(error) };
    }
  }

  private isNew(content: string): boolean {
    const isNew = content !== this.content;
    this.content = content;
    return isNew;
  }
}

/** Changes with every replacement of the file, through whatever links it is reached. */
function identityOf(path: string): string | undefined {
  try {
    const { dev, ino, size, mtimeNs } = statSync(path, { bigint: true });
    return `${dev} ${ino} ${size} ${mtimeNs}`;
  } catch {
    return undefined;
  }
}

function watchFolder(folder: string, onEvent: () => void): FSWatcher | undefined {
  try {
    return watch(folder, { persistent: false }, onEvent).on('error', () => undefined);
  } catch {
    return undefined;
  }
}
