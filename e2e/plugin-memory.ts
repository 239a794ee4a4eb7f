import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const PROGRAM = join(__dirname, 'programs', 'plugin-memory.mjs');

/** The memory of the watched ADDs, in KiB. */
export interface PluginMemory {
  /** The highest resident set of each. */
  readonly peaks: readonly number[];
  /** The most that ran at once, on all nodes. */
  readonly atOnce: number;
  /** The highest sum of their resident sets, which share the executable's pages. */
  readonly together: number;
}

/** Watches the plugin's processes, which live for a fraction of a second. */
export class PluginWatch implements Disposable {
  private constructor(private readonly child: ChildProcess) {}

  public static async start(): Promise<PluginWatch> {
    const child = spawn(process.execPath, [PROGRAM], { stdio: ['pipe', 'pipe', 'inherit'] });
    const [text] = await once(child.stdout!, 'data');
    if (String(text) !== 'ready\n') throw new Error(`the watch of the plugin did not start: ${text}`);
    return new PluginWatch(child);
  }

  public async stop(): Promise<PluginMemory> {
    const { stdin, stdout } = this.child;
    let text = '';
    stdout!.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    stdin!.end();
    await once(this.child, 'close');
    return JSON.parse(text) as PluginMemory;
  }

  public [Symbol.dispose](): void {
    this.child.kill('SIGKILL');
  }
}
