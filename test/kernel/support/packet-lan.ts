import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { ProbeTiming } from '../../../cni/address-conflict/probe';
import { eventually } from './eventually';

/** The runtime, which has the foreign functions that jest's lacks. */
export const BUN = resolve(__dirname, '../../../node_modules/.bin/bun');
/** Milliseconds from now until processes begin that wait for a moment. */
const SOON = 200;
const DRIVER = join(__dirname, 'packet-driver.ts');

/** What `findDuplicate` said in a host's namespace. */
export interface ProbeAnswer {
  readonly conflict?: { readonly address: string; readonly mac: string };
  readonly milliseconds?: number;
  readonly error?: string;
}

/** Hosts in namespaces of their own, each with an interface `lan` that hangs on one bridge. */
export class PacketLan implements Disposable {
  private readonly prefix = `packet-${process.pid}`;
  private readonly namespaces: string[] = [];

  public constructor() {
    this.addNamespace('bridge');
    this.ip('bridge', 'link add bridge type bridge mcast_snooping 0');
    this.ip('bridge', 'link set bridge up');
  }

  public [Symbol.dispose](): void {
    for (const name of this.namespaces) execFileSync('ip', ['netns', 'delete', name]);
  }

  /** A host whose addresses work at once. */
  public addHost(name: string, mac: string, ...addresses: readonly string[]): void {
    this.addNamespace(name);
    this.ip(name, `link add lan address ${mac} type veth peer name to-${name} netns ${this.namespace('bridge')}`);
    this.ip('bridge', `link set to-${name} master bridge up`);
    this.ip(name, 'link set lan up');
    for (const address of addresses) this.addAddress(name, 'lan', address);
  }

  /** A macvlan interface on a host's `lan`, in a namespace of its own, as the plugin makes it in a pod's. */
  public addPod(name: string, host: string, mac: string, ...addresses: readonly string[]): void {
    this.addNamespace(name);
    const namespace = this.namespace(name);
    this.ip(host, `link add net1 netns ${namespace} address ${mac} link lan type macvlan mode bridge`);
    this.ip(name, 'link set net1 up');
    for (const address of addresses) this.addAddress(name, 'net1', address);
  }

  public addAddress(host: string, link: string, address: string): void {
    this.ip(host, `address add ${address} dev ${link}${address.includes(':') ? ' nodad' : ''}`);
  }

  /** `ip -n HOST WORDS` */
  public ip(host: string, words: string): string {
    return execFileSync('ip', ['-n', this.namespace(host), ...words.split(' ')], { encoding: 'utf8' });
  }

  /** Runs a program in the host's namespace. */
  public run(host: string, ...command: readonly string[]): string {
    return execFileSync('ip', ['netns', 'exec', this.namespace(host), ...command], { encoding: 'utf8' });
  }

  public async probe(host: string, link: string, addresses: string, timing?: ProbeTiming): Promise<ProbeAnswer> {
    const options = timing === undefined ? [] : [JSON.stringify(timing)];
    const command = ['netns', 'exec', this.namespace(host), BUN, DRIVER, 'find-duplicate', link, addresses, ...options];
    const { stdout } = await promisify(execFile)('ip', command);
    return JSON.parse(stdout);
  }

  /**
   * Probes from `lan` of several hosts, when the processes of all of them are ready.
   *
   * @param offsets the milliseconds after which each begins
   */
  public async probeTogether(
    offsets: Readonly<Record<string, number>>,
    address: string,
    timing: ProbeTiming,
  ): Promise<ProbeAnswer[]> {
    const words = ['find-duplicate', 'lan', address, JSON.stringify(timing), 'at'];
    const processes = await Promise.all(Object.keys(offsets).map((host) => this.startDriver(host, words)));
    const start = Date.now() + SOON;
    const answers = Object.values(offsets).map((offset, index) => processes[index]!.end(String(start + offset)));
    return (await Promise.all(answers)).map((text) => JSON.parse(text) as ProbeAnswer);
  }

  /** Announces an address every 20 ms, from now on. @returns what ends it */
  public async startAnnouncing(host: string, address: string, { tagged }: { tagged: boolean }): Promise<Disposable> {
    const words = [tagged ? 'announce-tagged' : 'announce', 'lan', address, '100000', '20'];
    const { kill } = await this.startDriver(host, words);
    return { [Symbol.dispose]: kill };
  }

  /** Starts the driver, and waits until it is ready. */
  private async startDriver(host: string, words: readonly string[]) {
    const command = ['netns', 'exec', this.namespace(host), BUN, DRIVER, ...words];
    const child = spawn('ip', command, { stdio: ['pipe', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    await eventually(() => expect(text).toMatch(/^ready\n/));
    return {
      kill: () => void child.kill('SIGKILL'),
      /** Ends its input. @returns what it says then */
      end: async (input: string) => {
        const closed = once(child, 'close');
        child.stdin.end(input);
        await closed;
        return text.slice('ready\n'.length);
      },
    };
  }

  /** Announces the addresses once. The host need not have them. */
  public async announce(host: string, link: string, addresses: string): Promise<void> {
    const words = ['announce', link, addresses, '1', '0'];
    await promisify(execFile)('ip', ['netns', 'exec', this.namespace(host), BUN, DRIVER, ...words]);
  }

  private addNamespace(name: string): void {
    execFileSync('ip', ['netns', 'add', this.namespace(name)]);
    this.namespaces.push(this.namespace(name));
    this.ip(name, 'link set lo up');
  }

  private namespace(host: string): string {
    return `${this.prefix}-${host}`;
  }
}
