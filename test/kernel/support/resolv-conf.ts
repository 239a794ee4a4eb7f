import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Namespace } from '../lab/namespace';

/** The /etc/resolv.conf of a namespace, as kubelet writes that of a pod; `ip netns exec` mounts it. */
export class ResolvConf implements Disposable {
  private readonly folder: string;

  public constructor(namespace: Namespace) {
    this.folder = join('/etc/netns', namespace.name);
    mkdirSync(this.folder, { recursive: true });
  }

  /** In place: a mount keeps the file that it was made of. */
  public write(text: string): void {
    writeFileSync(join(this.folder, 'resolv.conf'), text);
  }

  public [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true });
  }
}
