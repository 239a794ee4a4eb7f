import { execFile } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { pulumiFolder } from './stack';

const ROOT = process.cwd();

/**
 * The examples as a clone has them, in a temporary folder, and the real command line, whose state is there too. What
 * the commands write (a stack's salt in its configuration) stays out of the repository.
 */
export class Clone {
  public readonly folder = mkdtempSync(join(tmpdir(), 'egress-router-clone-'));

  public constructor() {
    for (const name of ['package.json', 'examples']) {
      cpSync(join(ROOT, name), join(this.folder, name), { recursive: true });
    }
    for (const name of ['node_modules', 'lib', 'cloud']) symlinkSync(join(ROOT, name), join(this.folder, name));
    for (const name of ['bin', 'state']) mkdirSync(join(this.folder, name));
    const host = join(this.folder, 'bin/pulumi-language-nodejs');
    writeFileSync(host, `#!/bin/sh\nexec '${process.execPath}' '${join(__dirname, 'language-host.mjs')}' "$@"\n`);
    chmodSync(host, 0o755);
  }

  /** Runs lines as a user types them, one after the other. Rejects with what they print when one fails. */
  public async run(lines: string): Promise<string> {
    const { stdout } = await promisify(execFile)('sh', ['-ec', lines], { cwd: this.folder, env: this.environment() });
    return stdout;
  }

  public remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  private environment(): NodeJS.ProcessEnv {
    const path = [
      join(this.folder, 'bin'),
      pulumiFolder(),
      join(ROOT, 'node_modules/@pulumi/pulumi'),
      process.env.PATH,
    ];
    const withoutCloud = Object.entries(process.env).filter(([name]) => !name.startsWith('OS_'));
    return {
      ...Object.fromEntries(withoutCloud),
      PATH: path.join(delimiter),
      PULUMI_BACKEND_URL: `file://${join(this.folder, 'state')}`,
      PULUMI_CONFIG_PASSPHRASE: 'of a test',
      PULUMI_HOME: join(this.folder, 'home'),
      PULUMI_SKIP_UPDATE_CHECK: 'true',
      // A user answers "yes".
      PULUMI_SKIP_CONFIRMATIONS: 'true',
    };
  }
}
