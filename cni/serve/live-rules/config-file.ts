import { createHash } from 'node:crypto';
import { type FSWatcher, statSync, watch } from 'node:fs';
import { dirname } from 'node:path';
import { ConfigVersions } from '../../../src/domain/router/config-versions';
import type { NetworkConfig } from '../../../src/domain/router/network-config';
import { decodeForServe } from '../../../src/domain/router/serve-config';
import { configProblem, readConfigBytes } from '../read-config';

/** The content of the file, or its problem. */
export type ConfigVersion =
  | { readonly hash: string; readonly config: NetworkConfig }
  | { readonly hash?: string; readonly problem: string };

/**
 * The router's configuration in a file that kubelet replaces, by switching a symbolic link to a new folder.
 *
 * A version is identified by the SHA-256 hash of the file's bytes, in hexadecimal.
 */
export class ConfigFile implements Disposable {
  private readonly watcher: FSWatcher | undefined;
  /** The identity and content of the file that was read last. */
  private identity: string | undefined;
  private content: string | undefined;
  private readonly versions = new ConfigVersions();

  /**
   * @param onEvent called on events in the file's folder; not reliable, so call `next` periodically, too
   */
  public constructor(
    private readonly path: string,
    onEvent: () => void,
  ) {
    this.watcher = watchFolder(dirname(path), onEvent);
  }

  /** Whether events are delivered: they are not if inotify instances are used up. */
  public get isWatched(): boolean {
    return this.watcher !== undefined;
  }

  public [Symbol.dispose](): void {
    this.watcher?.close();
  }

  /**
   * The version of the file, if it differs from the last call's.
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
      // Read again the next time: the system may have refused it for the moment.
      this.identity = undefined;
      const problem = configProblem(error);
      return this.isNew(problem) ? { problem } : undefined;
    }
  }

  private decode(bytes: Buffer, hash: string): ConfigVersion {
    try {
      const input: unknown = JSON.parse(bytes.toString('utf8'));
      return { hash, config: decodeForServe(input, (each) => this.versions.decode(each)) };
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

/** Changes with every replacement of the file, also behind symbolic links. */
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
