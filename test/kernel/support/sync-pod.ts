import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { LanState } from '../../../cni/standby/role';
import type { SyncFigures } from '../../../cni/sync/connection-sync';
import type { InjectResult } from '../../../cni/sync/takeover';
import type { PluginConfig } from '../lab/plugin';
import type { Pod } from '../lab/pod';
import { eventually } from './eventually';
import { BUN } from './packet-lan';

const DRIVER = join(__dirname, 'sync-driver.ts');

export const STANDBY_MAC = 'e6:65:c0:a8:0c:63';

/** A pod of a pair after ADD, with a process that syncs its connections. */
export class SyncPod {
  private text = '';
  private answered = 0;

  private constructor(
    public readonly pod: Pod,
    private readonly child: ChildProcess,
  ) {
    child.stdout!.setEncoding('utf8').on('data', (part: string) => {
      this.text += part;
    });
  }

  public static async start(pod: Pod, config: PluginConfig, keys: readonly string[]): Promise<SyncPod> {
    const words = [BUN, DRIVER, JSON.stringify(config), STANDBY_MAC, `${pod.ipv4},${pod.ipv6}`];
    const started = new SyncPod(pod, pod.namespace.start(words, { stdio: ['pipe', 'pipe', 'inherit'] }));
    await started.answer();
    await started.setKeys(...keys);
    return started;
  }

  public setKeys(...keys: readonly string[]): Promise<unknown> {
    return this.do(`keys ${keys.join(',')}`);
  }

  public link(state: LanState): Promise<unknown> {
    return this.do(`link ${state}`);
  }

  public serve(): Promise<unknown> {
    return this.do('serve');
  }

  public follow(holder: string): Promise<unknown> {
    return this.do(`follow ${holder}`);
  }

  public stop(): Promise<unknown> {
    return this.do('stop');
  }

  public async take(): Promise<InjectResult> {
    return (await this.do('take')) as InjectResult;
  }

  public async figures(): Promise<SyncFigures> {
    return (await this.do('figures')) as SyncFigures;
  }

  /** Until the standby knows so many connections of its holder. */
  public async synced(connections: number): Promise<void> {
    await eventually(async () =>
      expect(await this.figures()).toMatchObject({ synced: connections, lag: expect.anything() }),
    );
  }

  /** The process ends at once. */
  public async kill(): Promise<void> {
    const exited = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGKILL');
    await exited;
  }

  private do(line: string): Promise<unknown> {
    this.child.stdin!.write(`${line}\n`);
    return this.answer();
  }

  private async answer(): Promise<unknown> {
    const index = this.answered++;
    return eventually(() => {
      const lines = this.text.split('\n');
      expect(lines.length).toBeGreaterThan(index + 1);
      return JSON.parse(lines[index]!);
    });
  }
}
