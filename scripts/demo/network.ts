import { randomBytes } from 'node:crypto';
import { PRIMARY_INTERFACE } from '../../src/domain/router/object-names';
import { LAN, PODS, SERVERS } from '../../test/kernel/lab/layout';
import { NetworkNamespace } from './network-namespace';

interface Addresses {
  readonly ipv4: string;
  readonly ipv6: string;
}

/**
 * A node and what is around it, in network namespaces:
 *
 *     client ─┐
 *             ├─ node ── LAN (a bridge) ── gateway ── server
 *     router ─┘
 *
 * The node's address and the reserved one are in the same subnet of the LAN, and the servers have routes only to that
 * one.
 */
export class Network implements Disposable {
  private readonly namespaces: NetworkNamespace[] = [];
  public readonly lan: NetworkNamespace;
  public readonly gateway: NetworkNamespace;
  public readonly server: NetworkNamespace;
  public readonly node: NetworkNamespace;
  public readonly router: NetworkNamespace;
  public readonly client: NetworkNamespace;

  /** @param prefix of the namespaces' names */
  public constructor(private readonly prefix = `er${randomBytes(3).toString('hex')}`) {
    try {
      this.lan = this.namespace('lan');
      this.lan.set('ipv6/conf/default/disable_ipv6', '1');
      this.lan.addBridge('br0');
      this.gateway = this.host('gateway', LAN.gateway);
      this.server = this.namespace('server');
      this.connectServer();
      this.node = this.host('node', LAN.node);
      this.prepareNode();
      this.router = this.pod('router', PODS.router);
      this.client = this.pod('client', PODS.client);
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  /** A host of the LAN, with the interface `lan0`; the LAN's end of its cable has the host's name. */
  public host(name: string, { ipv4, ipv6 }: Addresses): NetworkNamespace {
    const host = this.namespace(name);
    this.lan.connect(name, host, 'lan0');
    this.lan.plugInto('br0', name);
    host.addAddress('lan0', ipv4);
    host.addAddress('lan0', ipv6);
    return host;
  }

  public [Symbol.dispose](): void {
    for (const namespace of this.namespaces.splice(0).reverse()) namespace[Symbol.dispose]();
  }

  private namespace(name: string): NetworkNamespace {
    const namespace = NetworkNamespace.create(`${this.prefix}-${name}`);
    this.namespaces.push(namespace);
    return namespace;
  }

  private connectServer(): void {
    const { gateway, server } = this;
    forwardPackets(gateway);
    gateway.addAddress('lan0', `${LAN.linkLocalGateway}/128`);
    gateway.connect('wan0', server, 'wan0');
    gateway.addAddress('wan0', `${SERVERS.gateway4}/24`);
    gateway.addAddress('wan0', `${SERVERS.gateway6}/64`);
    server.addAddress('wan0', SERVERS.server.ipv4);
    server.addAddress('wan0', SERVERS.server.ipv6);
    // Only the address: the routes to the subnets exist.
    for (const address of SERVERS.further) server.addAddress('wan0', address.replace(/\/.*/, alonePrefix(address)));
    server.route(LAN.subnet4, 'wan0', SERVERS.gateway4);
    server.route(LAN.subnet6, 'wan0', SERVERS.gateway6);
  }

  private prepareNode(): void {
    forwardPackets(this.node);
    this.node.route(undefined, 'lan0', LAN.gateway.ipv4.split('/')[0]);
    this.node.route(undefined, 'lan0', LAN.linkLocalGateway);
  }

  /** A pod on the cluster's network: `eth0`, an address without subnet, and a default route. As Calico does it. */
  private pod(name: string, { ipv4, ipv6 }: Addresses): NetworkNamespace {
    const { node } = this;
    const pod = this.namespace(name);
    node.connect(name, pod, PRIMARY_INTERFACE);
    // The node answers for the pod's gateway, which no interface has.
    node.set(`ipv4/conf/${name}/proxy_arp`, '1');
    node.set(`ipv4/neigh/${name}/proxy_delay`, '0');
    node.addAddress(name, `${PODS.gateway6}/128`);
    node.route(`${ipv4}/32`, name);
    node.route(`${ipv6}/128`, name);
    pod.addAddress(PRIMARY_INTERFACE, `${ipv4}/32`);
    pod.addAddress(PRIMARY_INTERFACE, `${ipv6}/128`);
    pod.route(`${PODS.gateway4}/32`, PRIMARY_INTERFACE);
    pod.route(undefined, PRIMARY_INTERFACE, PODS.gateway4);
    pod.route(undefined, PRIMARY_INTERFACE, PODS.gateway6);
    return pod;
  }
}

/** The prefix of a subnet that holds one address. */
function alonePrefix(address: string): string {
  return address.includes(':') ? '/128' : '/32';
}

function forwardPackets(namespace: NetworkNamespace): void {
  namespace.set('ipv4/ip_forward', '1');
  namespace.set('ipv6/conf/all/forwarding', '1');
}
