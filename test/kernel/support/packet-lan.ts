import { execFile, execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { ProbeTiming } from '../../../cni/address-conflict/probe';

/** The runtime, which has the foreign functions that jest's lacks. */
export const BUN = resolve(__dirname, '../../../node_modules/.bin/bun');
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

  public async probe(
    host: string,
    link: string,
    addresses: string,
    timing?: ProbeTiming,
    start?: number,
  ): Promise<ProbeAnswer> {
    const options =
      timing === undefined ? [] : [JSON.stringify(timing), ...(start === undefined ? [] : [String(start)])];
    const command = ['netns', 'exec', this.namespace(host), BUN, DRIVER, 'find-duplicate', link, addresses, ...options];
    const { stdout } = await promisify(execFile)('ip', command);
    return JSON.parse(stdout);
  }

  /** Announces the addresses, which the host need not have. */
  public async announce(
    host: string,
    link: string,
    addresses: string,
    { tagged = false, count = 1, interval = 0 } = {},
  ): Promise<void> {
    const words = [tagged ? 'announce-tagged' : 'announce', link, addresses, String(count), String(interval)];
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
