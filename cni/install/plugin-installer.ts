import { statSync } from 'node:fs';
import { join } from 'node:path';
import { ATTACHMENTS_FOLDER } from '../data-plane/attachment';
import { attachmentsText } from './attachments-text';
import { description, type FoundFile, isOurs, lookAt, requireOurs } from './found-file';
import { InstallError, inDirectory } from './install-error';
import { Node } from './node';
import { PluginDirectory } from './plugin-directory';
import { requireToServe } from './trial';

export interface InstallerOptions {
  /** The runtime's plugin directory: the same path here and on the node. */
  readonly directory: string;
  /** The plugin's name: the file's, and the `type` of the networks. */
  readonly plugin: string;
  /** Mount point of the node's root directory. */
  readonly nodeRoot: string;
  /** The parent interface to check. */
  readonly master: string | undefined;
  /** Whether to replace a foreign file. */
  readonly force: boolean;
}

/** What was removed. */
export interface Uninstalled {
  /** The previous file. */
  readonly found: FoundFile;
  /** Records of attachments that only the removed file can end. */
  readonly users: readonly string[];
}

/** Installs this executable in a node's plugin directory, and removes it. */
export class PluginInstaller {
  /** The plugin's path, here and on the node. */
  public readonly file: string;
  private readonly node: Node;
  private held: PluginDirectory | undefined;

  public constructor(private readonly options: InstallerOptions) {
    this.file = join(options.directory, options.plugin);
    this.node = new Node(options.nodeRoot);
  }

  /**
   * Installs it, unless it is installed. An existing file stays until the new one has passed its trial on this node,
   * and is then replaced by one rename.
   *
   * @returns the previous file
   */
  public install(): Promise<FoundFile> {
    return this.holding(async (directory) => {
      const found = await this.find();
      requireOurs(this.file, found, this.options.force);
      if (found.what === 'installed') {
        await this.requireToServe(this.file);
        return found;
      }
      await this.requireToServe(await directory.prepare(this.options.plugin));
      await directory.moveIntoPlace(this.options.plugin);
      return found;
    });
  }

  /** Removes any build of ours, but not a foreign file. */
  public uninstall(): Promise<Uninstalled> {
    return this.holding(async (directory) => {
      const found = await this.find();
      if (!isOurs(found)) return { found, users: [] };
      const users = this.node.list(ATTACHMENTS_FOLDER);
      if (users.length > 0 && !this.options.force) {
        throw new InstallError(
          `${this.file} was not removed: ${attachmentsText(users)}; delete these routers first, or pass --force`,
        );
      }
      await directory.remove(this.options.plugin);
      return { found, users };
    });
  }

  /** @throws InstallError unless this executable is installed and passes its trial */
  public async requireInstalled(): Promise<void> {
    const found = await this.find();
    if (found.what !== 'installed') throw new InstallError(`${this.file} ${description(found)}`);
    await this.requireToServe(this.file);
  }

  /** @throws InstallError if a build of ours is installed */
  public async requireUninstalled(): Promise<void> {
    if (isOurs(await this.find())) throw new InstallError(`${this.file} is still there`);
  }

  /** The current file. @throws InstallError if it cannot be read, or the node's runtime uses another directory */
  public find(): Promise<FoundFile> {
    return inDirectory(this.options.directory, `look at ${this.options.plugin}`, () => {
      this.requireOneDirectory();
      return lookAt(this.file);
    });
  }

  /** Changes whenever the plugin is replaced, written or removed, or its directory is replaced on the node. */
  public fingerprint(): Promise<string> {
    return inDirectory(this.options.directory, `look for changes of ${this.options.plugin}`, () => {
      const file = statSync(this.file, { throwIfNoEntry: false });
      const node = this.node.stat(this.file);
      return [file?.dev, file?.ino, file?.size, file?.ctimeMs, node?.dev, node?.ino].join(' ');
    });
  }

  /** Removes unfinished work when this process ends. */
  public abandon(): void {
    this.held?.[Symbol.dispose]();
  }

  private async holding<T>(action: (directory: PluginDirectory) => Promise<T>): Promise<T> {
    using directory = await PluginDirectory.lock(this.options.directory);
    this.held = directory;
    try {
      return await action(directory);
    } finally {
      this.held = undefined;
    }
  }

  /** Both paths must be the same directory: k3s moves its directory on an upgrade. */
  private requireOneDirectory(): void {
    const { directory, nodeRoot } = this.options;
    const here = statSync(directory, { throwIfNoEntry: false });
    const there = this.node.stat(directory);
    if (here === undefined || (here.dev === there?.dev && here.ino === there.ino)) return;
    throw new InstallError(
      `--cni-bin-dir: ${directory} in this container is not ${directory} below --node-root=${nodeRoot}: mount the node's directory at its own path`,
    );
  }

  private requireToServe(file: string): Promise<void> {
    const { plugin, master } = this.options;
    return requireToServe(this.node, { file, plugin, master });
  }
}
