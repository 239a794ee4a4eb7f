import { statSync } from 'node:fs';
import { join } from 'node:path';
import { ATTACHMENTS_FOLDER } from '../data-plane/attachment';
import { description, type FoundFile, isOurs, lookAt, requireOurs } from './found-file';
import { InstallError, inDirectory } from './install-error';
import { Node } from './node';
import { PluginDirectory } from './plugin-directory';
import { requireToServe } from './trial';

export interface InstallerOptions {
  /** The runtime's directory of plugins: one path, here and on the node. */
  readonly directory: string;
  /** The plugin's name: the file's, and the `type` of the networks. */
  readonly plugin: string;
  /** Where the node's root directory is seen from here. */
  readonly nodeRoot: string;
  /** The parent interface that is tried. */
  readonly master: string | undefined;
  /** Whether a stranger's file is replaced. */
  readonly force: boolean;
}

/** Puts this executable into a node's directory of plugins, and takes it away. */
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
   * Installs it, unless it is there. The file that was there before stays until the new one has shown that it serves on
   * this node, and is then replaced by one rename.
   *
   * @returns what was there
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

  /**
   * Removes whatever build of ours is there, and nothing else.
   *
   * @returns what was there
   */
  public uninstall(): Promise<FoundFile> {
    return this.holding(async (directory) => {
      const found = await this.find();
      if (!isOurs(found)) return found;
      if (!this.options.force) this.requireNoRouters();
      await directory.remove(this.options.plugin);
      return found;
    });
  }

  /** @throws InstallError unless this executable is installed and serves */
  public async requireInstalled(): Promise<void> {
    const found = await this.find();
    if (found.what !== 'installed') throw new InstallError(`${this.file} ${description(found)}`);
    await this.requireToServe(this.file);
  }

  /** @throws InstallError when a build of ours is there */
  public async requireUninstalled(): Promise<void> {
    if (isOurs(await this.find())) throw new InstallError(`${this.file} is still there`);
  }

  /** What is there now. @throws InstallError when it cannot be looked at, or the node's runtime looks elsewhere */
  public find(): Promise<FoundFile> {
    return inDirectory(this.options.directory, `look at ${this.options.plugin}`, () => {
      this.requireOneDirectory();
      return lookAt(this.file);
    });
  }

  /** Changes whenever the plugin is replaced, written to or removed, or its directory is another on the node. */
  public fingerprint(): Promise<string> {
    return inDirectory(this.options.directory, `look for changes of ${this.options.plugin}`, () => {
      const file = statSync(this.file, { throwIfNoEntry: false });
      const node = this.node.stat(this.file);
      return [file?.dev, file?.ino, file?.size, file?.ctimeMs, node?.dev, node?.ino].join(' ');
    });
  }

  /** Takes away what is half done: this process ends. */
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

  /** What is written here has to be what the node's runtime reads: k3s moves its directory when it is upgraded. */
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

  private requireNoRouters(): void {
    const routers = this.node.list(ATTACHMENTS_FOLDER).length;
    if (routers === 0) return;
    throw new InstallError(
      `${this.file} was not removed: ${routers} of this node's pods use it, and kubelet cannot delete them without it; delete the routers first, or pass --force`,
    );
  }
}
