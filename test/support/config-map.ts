import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A folder as kubelet mounts a ConfigMap: the file is a link into `..data`, which is a link to the current version's
 * folder.
 */
export class ConfigMap implements Disposable {
  public readonly folder = mkdtempSync(join(tmpdir(), 'config-map-'));
  public readonly file = join(this.folder, 'config.json');
  private versions = 0;

  public constructor(content: string | Buffer) {
    this.swap(content);
    symlinkSync('..data/config.json', this.file);
  }

  /** Puts a version in the place of the one before, at once. @returns its hash */
  public swap(content: string | Buffer): string {
    const version = `..version_${this.versions++}`;
    mkdirSync(join(this.folder, version));
    writeFileSync(join(this.folder, version, 'config.json'), content);
    symlinkSync(version, join(this.folder, '..data_tmp'));
    renameSync(join(this.folder, '..data_tmp'), join(this.folder, '..data'));
    rmSync(join(this.folder, `..version_${this.versions - 2}`), { recursive: true, force: true });
    return createHash('sha256').update(content).digest('hex');
  }

  public [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
