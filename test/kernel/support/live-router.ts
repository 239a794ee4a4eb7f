import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { RuleCounters } from '../../../cni/serve/metrics/rule-counters';
import type { RuleChange } from '../../../cni/serve/serve-events';
import { ConfigMap } from '../../support/config-map';
import type { PluginConfig } from '../lab/plugin';
import { Scene } from '../lab/scene';
import { eventually } from './eventually';
import { BUN } from './packet-lan';

/** A host of a router with a resolver: the address of each family is left to the test. */
export interface HostChange {
  readonly name: string;
  readonly family: 4 | 6;
  readonly addresses: readonly string[];
}

const DRIVER = join(__dirname, 'live-rules-driver.ts');

/** What the process in the router's pod says, a line each. */
export interface Said {
  readonly change?: RuleChange;
  readonly checks?: readonly { readonly name: string; readonly problems?: readonly string[] }[];
  readonly ready?: true;
  readonly looked?: true;
  /** To a request. */
  readonly answer?: unknown;
  readonly level?: string;
  readonly message?: string;
  readonly error?: string;
}

/** A router whose rules come from a ConfigMap, with whatever of a lab's configuration is not about rules. */
export class LiveRouter implements Disposable {
  public readonly scene = new Scene();
  private map: ConfigMap | undefined;
  private child: ChildProcess | undefined;
  private lines: Said[] = [];
  private looks = 0;
  private readonly answers: unknown[] = [];

  /** @param ip the router, without its destinations */
  public constructor(
    public readonly ip: object,
    private readonly more: PluginConfig = {},
  ) {}

  public get configMap(): ConfigMap {
    if (this.map === undefined) throw new Error('the router was not added');
    return this.map;
  }

  public config(destinations: readonly string[], more: PluginConfig = {}): PluginConfig {
    return this.scene.config({ ...this.ip, destinations }, { healthPort: 9180, ...this.more, ...more });
  }

  /** ADD with these rules. */
  public async add(destinations: readonly string[]): Promise<void> {
    const config = this.config(destinations);
    await this.scene.router.add(config);
    this.map = new ConfigMap(JSON.stringify(config));
  }

  /**
   * Starts the process in the pod, and waits until its first look is over.
   *
   * @param wrapper such as `strace` and its options
   */
  public async start(wrapper: readonly string[] = []): Promise<void> {
    this.launch(wrapper);
    await this.says(({ ready }) => ready === true);
  }

  /** Starts the process in the pod. */
  public launch(wrapper: readonly string[] = []): ChildProcess {
    const words = [...wrapper, BUN, DRIVER, this.configMap.file];
    const child = this.scene.router.namespace.start(words, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.child = child;
    this.lines = [];
    let rest = '';
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      const lines = `${rest}${text}`.split('\n');
      rest = lines.pop()!;
      if (this.child !== child) return;
      const said = lines.map((line) => JSON.parse(line) as Said);
      this.lines.push(...said.filter(({ looked, answer }) => looked === undefined && answer === undefined));
      this.answers.push(...said.flatMap(({ answer }) => (answer === undefined ? [] : [answer])));
      this.looks += said.filter(({ looked }) => looked !== undefined).length;
    });
    return child;
  }

  /** Kills the process; whatever it was doing is left as it is. */
  public async kill(): Promise<void> {
    const { child } = this;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  /** Everything since the process began. */
  public get said(): readonly Said[] {
    return this.lines;
  }

  public get changes(): readonly RuleChange[] {
    return this.lines.flatMap(({ change }) => change ?? []);
  }

  /** Waits until the process has begun and ended a further look: what is wrong is in `said` by then. */
  public async looksAgain(): Promise<void> {
    // The end that comes next may be of a look that has begun already.
    const wanted = this.looks + 2;
    await eventually(() => expect(this.looks).toBeGreaterThanOrEqual(wanted), 20_000);
  }

  public async says(isWanted: (said: Said) => boolean, milliseconds = 10_000): Promise<Said> {
    await eventually(() => {
      if (!this.lines.some(isWanted)) throw new Error(`said only ${JSON.stringify(this.lines.slice(-20))}`);
    }, milliseconds);
    return this.lines.find(isWanted)!;
  }

  /** Swaps the ConfigMap for one with these rules, and waits until they are in force. @returns what was said of it */
  public async change(destinations: readonly string[], more: PluginConfig = {}): Promise<RuleChange> {
    return this.swap(JSON.stringify(this.config(destinations, more)));
  }

  public async swap(content: string): Promise<RuleChange> {
    const known = this.changes.length;
    const hash = this.configMap.swap(content);
    await eventually(() => {
      const [change] = this.changes.slice(known);
      if (change === undefined) throw new Error(`nothing was said of ${hash}`);
      if (change.outcome === 'success') expect(change.configHash).toBe(hash);
    }, 30_000);
    return this.changes[known]!;
  }

  /** Puts addresses of hosts in force, as their resolver does. */
  public async resolve(...addresses: readonly HostChange[]): Promise<void> {
    await this.ask({ addresses });
  }

  /** The addresses that a host has. */
  public async held(name: string, family: 4 | 6): Promise<string[]> {
    const [addresses] = (await this.ask({ held: [{ name, family }] })) as string[][];
    return addresses!;
  }

  /** What the metrics read of the rules. */
  public async counters(): Promise<RuleCounters[]> {
    return (await this.ask({})) as RuleCounters[];
  }

  private async ask(request: object): Promise<unknown> {
    const known = this.answers.length;
    this.child!.stdin!.write(`${JSON.stringify(request)}\n`);
    await eventually(() => expect(this.answers.length).toBeGreaterThan(known), 20_000);
    return this.answers[known];
  }

  /** Lines of a list of the connections in the pod. */
  public connections(...filter: string[]): string[] {
    const { stdout } = this.scene.router.namespace.try(['conntrack', '-L', ...filter]);
    return stdout.split('\n').filter((line) => line !== '');
  }

  public [Symbol.dispose](): void {
    this.child?.kill('SIGKILL');
    this.map?.[Symbol.dispose]();
    this.scene[Symbol.dispose]();
  }
}
