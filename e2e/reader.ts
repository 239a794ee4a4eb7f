import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import type { Environment } from './environment';

const ROOT = resolve(__dirname, '..');

/** Runs a document's commands in a folder within the package, where the library's name resolves to the library. */
export class Reader implements Disposable {
  public readonly folder: string;

  public constructor(environment: Environment) {
    mkdirSync(join(ROOT, 'dist'), { recursive: true });
    this.folder = mkdtempSync(join(ROOT, 'dist', 'reader-'));
    mkdirSync(join(this.folder, 'bin'));
    const kubectl = `#!/bin/sh\nexec ${environment.kubectl.shellWords} "$@"\n`;
    writeFileSync(join(this.folder, 'bin', 'kubectl'), kubectl, { mode: 0o755 });
  }

  public try(script: string): { readonly status: number | null; readonly output: string } {
    const path = [join(this.folder, 'bin'), join(ROOT, 'node_modules', '.bin'), process.env.PATH].join(delimiter);
    // cdk8s asks a registry for its newest version unless it is in a pipeline.
    const env = { ...process.env, CI: 'true', PATH: path, CDK8S_OUTDIR: undefined };
    const words = ['-c', `set -euo pipefail\n${script}`];
    const { status, stdout, stderr } = spawnSync('bash', words, { cwd: this.folder, env, encoding: 'utf8' });
    return { status, output: `${stdout}${stderr}` };
  }

  /** Runs commands that must succeed. @returns their output */
  public run(script: string): string {
    const { status, output } = this.try(script);
    if (status !== 0) throw new Error(`exit status ${status} of\n${script}${output}`);
    return output;
  }

  public [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true });
  }
}
