import { type Service, startEcho } from './echo';
import { Lab } from './lab';
import { PODS } from './layout';
import type { Namespace } from './namespace';
import { networkConfig } from './network-config';
import type { Node } from './node';
import type { PluginConfig } from './plugin';
import type { Pod } from './pod';

/** What the rules of the lab's configurations lead to. */
const SERVICES: readonly Service[] = [
  'udp 203.0.113.25 80',
  'tcp 203.0.113.26 80',
  'tcp 203.0.113.26 443',
  'udp 2001:db8:113::25 80',
  'tcp 2001:db8:113::26 80',
  'tcp 2001:db8:113::26 443',
];

/** A lab with a pod that is to become a router, and a client of it on another subnet of the cluster's network. */
export class Scene implements Disposable {
  public readonly lab: Lab;
  public readonly router: Pod;
  public readonly client: Pod;
  /** Name of the router's network. */
  public readonly network: string;

  /** @param prefix of the namespaces' names, which is unique */
  public constructor(prefix?: string) {
    this.lab = new Lab(prefix);
    try {
      this.network = this.lab.unique('net');
      this.router = this.node.addPod('router');
      this.client = this.node.addPod('client', PODS.client);
    } catch (error) {
      this.lab[Symbol.dispose]();
      throw error;
    }
  }

  public get node(): Node {
    return this.lab.node;
  }

  public get server(): Namespace {
    return this.lab.server.namespace;
  }

  /** A configuration of this scene's network. */
  public config(ip: object, more: PluginConfig = {}): PluginConfig {
    return networkConfig(this.network, ip, more);
  }

  /** Starts the servers of the rules, and further ones. */
  public async serve(...further: Service[]): Promise<void> {
    await startEcho(this.server, ...SERVICES, ...further);
  }

  public [Symbol.dispose](): void {
    this.lab[Symbol.dispose]();
  }
}
