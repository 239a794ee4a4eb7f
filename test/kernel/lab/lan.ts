import { randomBytes } from 'node:crypto';
import { Host, type HostAddresses } from './host';
import { LAN, SERVERS } from './layout';
import { Namespace } from './namespace';

/** Interfaces get their addresses at once, and ignore router advertisements. */
export const QUIET = {
  'ipv6/conf/all/accept_dad': '0',
  'ipv6/conf/default/accept_dad': '0',
  'ipv6/conf/default/accept_ra': '0',
};

/**
 * The network outside of a cluster, in network namespaces:
 *
 *     LAN (a bridge) ── gateway ── server
 *
 * The servers know the LAN, and not the cluster.
 */
export class Lan implements Disposable {
  private readonly namespaces: Namespace[] = [];
  private ports = 0;
  /** The bridge `br0`, without any address. */
  public readonly lan: Namespace;
  public readonly gateway: Host;
  public readonly server: Host;

  /** @param prefix of the namespaces' names, which is unique */
  public constructor(private readonly prefix = `er${randomBytes(3).toString('hex')}`) {
    try {
      this.lan = this.namespace('lan', { 'ipv6/conf/default/disable_ipv6': '1' });
      this.lan.batch('link add br0 type bridge forward_delay 0 mcast_snooping 0', 'link set br0 up');
      this.gateway = this.host('gateway', LAN.gateway);
      this.server = this.behindGateway();
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  /** A name that no other network has. */
  public unique(name: string): string {
    return `${this.prefix}-${name}`;
  }

  public namespace(name: string, settings: Readonly<Record<string, string>> = {}): Namespace {
    const namespace = Namespace.create(this.unique(name), settings);
    this.namespaces.push(namespace);
    return namespace;
  }

  /** Another host of the LAN; its interface is `lan0`. */
  public host(name: string, addresses: HostAddresses): Host {
    const namespace = this.namespace(name, QUIET);
    this.plugIn(namespace, 'lan0');
    return new Host(namespace, 'lan0', addresses);
  }

  /** A cable from a host's interface, which this makes, to the LAN's switch. @returns the switch's port */
  public plugIn(host: Namespace, link: string): string {
    const port = `port${this.ports++}`;
    this.lan.batch(`link add ${port} type veth peer name ${link} netns ${host.name}`, `link set ${port} master br0 up`);
    return port;
  }

  private behindGateway(): Host {
    const namespace = this.namespace('server', QUIET);
    this.gateway.namespace.set({ 'ipv4/ip_forward': '1', 'ipv6/conf/all/forwarding': '1' });
    this.gateway.namespace.batch(
      `link add wan0 type veth peer name wan0 netns ${namespace.name}`,
      `addr add ${SERVERS.gateway4}/24 dev wan0`,
      `addr add ${SERVERS.gateway6}/64 dev wan0 nodad`,
      `addr add ${LAN.linkLocalGateway}/64 dev lan0 nodad`,
      'link set wan0 up',
    );
    const server = new Host(namespace, 'wan0', SERVERS.server);
    namespace.batch(
      ...SERVERS.further.map((address) => `addr add ${address} dev wan0${address.includes(':') ? ' nodad' : ''}`),
      `route add ${LAN.subnet4} via ${SERVERS.gateway4}`,
      `route add ${LAN.subnet6} via ${SERVERS.gateway6}`,
    );
    return server;
  }

  public [Symbol.dispose](): void {
    for (const namespace of this.namespaces.splice(0).reverse()) namespace[Symbol.dispose]();
  }
}
