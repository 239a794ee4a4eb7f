import { type ChildProcess, execFileSync, type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Request } from '../../cni/netlink/message';
import { addAddress } from '../../cni/netlink/route/address';
import { RT_TABLE_MAIN } from '../../cni/netlink/route/constants';
import { findLink, type Link, setLinkDown, setLinkUp } from '../../cni/netlink/route/link';
import { addRoute } from '../../cni/netlink/route/route';
import { NETLINK_ROUTE, NetlinkSocket } from '../../cni/netlink/socket';
import { Namespace } from '../../cni/netns/namespace';
import { bitsOf, type Cidr, cidr, networkAddress, parseCidr } from '../../src/domain/values/cidr';
import { type IpAddress, parseIpAddress } from '../../src/domain/values/ip-address';
import type { ProcessPlace } from '../../test/kernel/lab/process-place';
import { addBridge, addVeth, setMaster } from './link-requests';

/** Where `ip netns` keeps names, so that those of the demonstration are among them. */
export const FOLDER = '/var/run/netns';

/** `rtnetlink`'s number for what an administrator does. */
const RTPROT_STATIC = 4;

/**
 * A network namespace with a name, which ends with everything that was started in it.
 *
 * util-linux makes it and the plugin's netlink fills it, because a bare machine has neither `ip` nor `nft`.
 */
export class NetworkNamespace implements ProcessPlace, Disposable {
  private readonly children = new Set<ChildProcess>();

  private constructor(public readonly name: string) {}

  public static create(name: string): NetworkNamespace {
    const namespace = new NetworkNamespace(name);
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(namespace.path, '', { flag: 'wx' });
    execFileSync('unshare', [`--net=${namespace.path}`, 'true']);
    namespace.setUp('lo');
    return namespace;
  }

  public get path(): string {
    return join(FOLDER, this.name);
  }

  /** Runs a command that must succeed. @returns its standard output */
  public run(...words: string[]): string {
    return execFileSync('nsenter', [`--net=${this.path}`, ...words], { encoding: 'utf8' });
  }

  public start(words: readonly string[], options: SpawnOptions = {}): ChildProcess {
    const child = spawn('nsenter', [`--net=${this.path}`, ...words], options);
    this.children.add(child);
    child.once('exit', () => this.children.delete(child));
    return child;
  }

  /** Does something synchronous with this process in the namespace; sockets opened there stay there. */
  public within<T>(action: () => T): T {
    using namespace = Namespace.openToLook(this.path);
    return namespace.run(action);
  }

  /** @param path below `/proc/sys/net` */
  public set(path: string, value: string): void {
    this.within(() => writeFileSync(`/proc/sys/net/${path}`, value));
  }

  public link(name: string): Link {
    const link = this.withRoutes((socket) => findLink(socket, name));
    if (link === undefined) throw new Error(`${this.name} has no interface ${name}`);
    return link;
  }

  /** A switch. */
  public addBridge(name: string): void {
    this.change(addBridge(name));
    this.setUp(name);
  }

  /**
   * A cable from an interface here to one elsewhere, both made by this and up; addresses of both are usable at once.
   */
  public connect(name: string, other: NetworkNamespace, otherName: string): void {
    using there = Namespace.openToLook(other.path);
    this.change(addVeth(name, otherName, there.fd));
    this.setUp(name);
    other.setUp(otherName);
  }

  /** Makes an interface a port of a switch. */
  public plugInto(bridge: string, name: string): void {
    this.change(setMaster(this.link(name), this.link(bridge).index));
  }

  public setUp(name: string): void {
    // Without, an IPv6 address is not used until the kernel has asked for a second whether another host has it.
    this.within(() => writeFileSync(`/proc/sys/net/ipv6/conf/${name}/accept_dad`, '0'));
    this.change(setLinkUp(this.link(name)));
  }

  public setDown(name: string): void {
    this.change(setLinkDown(this.link(name)));
  }

  /** Gives an interface an address, such as `192.168.12.1/24`, and the route to its subnet. */
  public addAddress(name: string, text: string): void {
    const address = toCidr(text);
    this.change(addAddress(address, this.link(name)));
    if (address.prefixLength < bitsOf(address.address.family)) {
      this.route(cidr(networkAddress(address), address.prefixLength).text, name);
    }
  }

  /** @param gateway absent: the interface leads there itself */
  public route(destination: string | undefined, name: string, gateway?: string): void {
    const [to, via] = [destination && toCidr(destination), gateway && toAddress(gateway)];
    const { family } = via || (to as Cidr).address;
    const { index } = this.link(name);
    const common = { table: RT_TABLE_MAIN, protocol: RTPROT_STATIC, type: 'unicast' } as const;
    this.change(
      addRoute({ ...common, family, destination: to || undefined, gateway: via || undefined, interfaceIndex: index }),
    );
  }

  public [Symbol.dispose](): void {
    for (const child of this.children) child.kill('SIGKILL');
    removeNamespace(this.name);
  }

  private change(request: Request): void {
    this.withRoutes((socket) => socket.change(request));
  }

  private withRoutes<T>(action: (socket: NetlinkSocket) => T): T {
    using socket = this.within(() => NetlinkSocket.open(NETLINK_ROUTE, `open a route socket in ${this.name}`));
    return action(socket);
  }
}

/** Removes a name, and with it the namespace, unless a process is left in it. */
export function removeNamespace(name: string): void {
  const path = join(FOLDER, name);
  // Nothing is mounted there if its creation was interrupted.
  spawnSync('umount', ['--lazy', path]);
  rmSync(path, { force: true });
}

function toCidr(text: string): Cidr {
  const value = parseCidr(text);
  if (typeof value === 'string') throw new Error(`${text} ${value}`);
  return value;
}

function toAddress(text: string): IpAddress {
  const value = parseIpAddress(text);
  if (typeof value === 'string') throw new Error(`${text} ${value}`);
  return value;
}
