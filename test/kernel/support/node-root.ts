import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** The C library of this machine: what a node has of its own. */
const LIBRARIES = [
  '/lib64/ld-linux-x86-64.so.2',
  '/lib/ld-linux-aarch64.so.1',
  ...['x86_64', 'aarch64'].flatMap((machine) =>
    ['libc.so.6', 'libm.so.6', 'libpthread.so.0', 'libdl.so.2'].map((name) => `/lib/${machine}-linux-gnu/${name}`),
  ),
];

/**
 * The root directory of a node, with a C library, /proc, and an empty directory of plugins on a file system of its own.
 */
export class NodeRoot implements Disposable {
  public readonly path = mkdtempSync(join(tmpdir(), 'egress-router-root-'));
  private readonly mounted: string[] = [];

  /** @param plugins the runtime's directory of plugins */
  public constructor(public readonly plugins = '/opt/cni/bin') {
    for (const library of LIBRARIES.filter((file) => existsSync(file))) {
      mkdirSync(dirname(this.at(library)), { recursive: true });
      copyFileSync(library, this.at(library));
    }
    this.mount('proc', '/proc', 'rw');
    // It must not run full, and tests that kill want to write without waiting for a disk.
    this.mount('tmpfs', plugins, 'size=512m,mode=755');
    mkdirSync(this.at('/run'));
  }

  /** A path of the node, from outside. */
  public at(path: string): string {
    return join(this.path, path);
  }

  public mount(type: string, path: string, options: string): void {
    mkdirSync(this.at(path), { recursive: true });
    execFileSync('mount', ['-t', type, '-o', options, type, this.at(path)]);
    this.mounted.unshift(path);
  }

  public remount(path: string, options: string): void {
    execFileSync('mount', ['-o', `remount,${options}`, this.at(path)]);
  }

  public [Symbol.dispose](): void {
    for (const path of this.mounted) execFileSync('umount', ['--lazy', this.at(path)]);
    rmSync(this.path, { recursive: true });
  }
}
