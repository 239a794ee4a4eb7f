import { once } from 'node:events';
import { join } from 'node:path';
import { Namespace } from '../../kernel/lab/namespace';
import type { NeutronRelease } from '../server/neutron-release';
import type { Backend, Network } from './backend';
import { type BackendNeutron, startBackendNeutron } from './backend-neutron';
import { HOSTS, type Host, type Machine, setAddresses } from './hypervisors';

/** A port, as Neutron answers. */
export interface BoundPort {
  readonly id: string;
  readonly mac_address: string;
  readonly security_groups: readonly string[];
  readonly port_security_enabled: boolean;
  readonly allowed_address_pairs: readonly object[];
  readonly 'binding:vif_type': string;
  readonly 'binding:vif_details': object;
}

interface SecurityGroup {
  readonly id: string;
  readonly security_group_rules: readonly { readonly direction: string; readonly ethertype: string }[];
}

/** The addresses by which a client reached a router: one on the network, one on the physical network behind it. */
export interface Reached {
  readonly machine: readonly string[];
  readonly lan: readonly string[];
}

/** The addresses of the router, IPv4 and IPv6. */
export const ROUTER = ['192.168.12.99', '2001:db8:12::99'] as const;
export const MAC = 'e2:65:c0:a8:0c:63';

/** Clients reach a router that runs here by both addresses; by none. */
export const HERE: Reached = { machine: ROUTER, lan: ROUTER };
export const NOT_HERE: Reached = { machine: [], lan: [] };
export const EVERYWHERE = { hv1: HERE, hv2: HERE };
export const NOWHERE = { hv1: NOT_HERE, hv2: NOT_HERE };

const SUBNETS = { 4: '192.168.12.0/24', 6: '2001:db8:12::/64' } as const;
const inBothFamilies = (number: number) => [`192.168.12.${number}`, `2001:db8:12::${number}`];
const withPrefixes = (addresses: readonly string[]) =>
  addresses.map((address) => `${address}/${address.includes(':') ? 64 : 24}`);

/** The addresses of the nodes, in the order of the hypervisors. */
const NODES = HOSTS.flatMap((_host, index) => inBothFamilies(11 + index));
export const ALL_NODES: Reached = { machine: NODES, lan: NODES };

/** A Neutron with a backend, two nodes with a port each, and two clients. */
export class RouterLab<B extends Backend = Backend> implements Network {
  /** The nodes' ports, in the order of the hypervisors. */
  public readonly ports: BoundPort[] = [];
  private readonly nodes: Machine[] = [];
  private clients!: Readonly<Record<keyof Reached, Machine>>;
  private networkId = '';
  /** A security group that lets everything in: what is dropped is dropped by port security. */
  private groupId = '';

  private constructor(
    public readonly backend: B,
    public readonly neutron: BackendNeutron,
  ) {}

  public static async start<B extends Backend>(backend: B, release: NeutronRelease): Promise<RouterLab<B>> {
    let lab: RouterLab<B> | undefined;
    try {
      lab = new RouterLab(backend, await startBackendNeutron(backend, release));
      await lab.furnish();
      return lab;
    } catch (error) {
      await lab?.neutron.stop();
      await backend.stop();
      throw error;
    }
  }

  public async stop(): Promise<void> {
    await this.neutron.stop();
    await this.backend.stop();
  }

  /** A port on the network. @param number the last part of its addresses */
  public async createPort(number: number, more: object = {}): Promise<BoundPort> {
    const fixed_ips = inBothFamilies(number).map((ip_address) => ({ ip_address }));
    const port = { network_id: this.networkId, fixed_ips, security_groups: [this.groupId], ...more };
    return (await this.post<{ port: BoundPort }>('/ports', { port })).port;
  }

  /** The port of a node. */
  public async portOf(index: number): Promise<BoundPort> {
    return (await this.neutron.ask<{ port: BoundPort }>('GET', `/ports/${this.ports[index]!.id}`)).body.port;
  }

  /** Writes members of every node's port, as an installer does. @returns the HTTP statuses */
  public async setPorts(port: object): Promise<number[]> {
    const statuses: number[] = [];
    for (const { id } of this.ports) statuses.push((await this.neutron.ask('PUT', `/ports/${id}`, { port })).status);
    return statuses;
  }

  /** By which addresses clients reach a router on each node, one after the other. */
  public async reached(mac: string): Promise<Record<Host, Reached>> {
    await this.backend.settle();
    const found: Partial<Record<Host, Reached>> = {};
    for (const [index, host] of HOSTS.entries()) {
      using router = routerOn(this.nodes[index]!, mac);
      for (const { namespace } of Object.values(this.clients)) namespace.run('ip', 'neigh', 'flush', 'dev', 'lan0');
      // The first frames of a router announce it.
      await answering(router, inBothFamilies(31));
      const { machine, lan } = this.clients;
      const [byMachine, byLan] = await Promise.all([machine, lan].map(({ namespace }) => answering(namespace, ROUTER)));
      found[host] = { machine: byMachine!, lan: byLan! };
    }
    return found as Record<Host, Reached>;
  }

  /** By which addresses clients reach the nodes themselves: by all, or a router that is not reached proves nothing. */
  public async nodesReached(): Promise<Reached> {
    await this.backend.settle();
    const { machine, lan } = this.clients;
    return {
      machine: await answering(machine.namespace, NODES),
      lan: await answering(lan.namespace, NODES),
    };
  }

  private async furnish(): Promise<void> {
    const network = { name: 'lan', 'provider:network_type': 'flat', 'provider:physical_network': 'phys' };
    this.networkId = (await this.post<{ network: { id: string } }>('/networks', { network })).network.id;
    await this.openGroup();
    for (const ip_version of [4, 6] as const) {
      const place = { network_id: this.networkId, ip_version, cidr: SUBNETS[ip_version] };
      await this.post('/subnets', { subnet: { ...place, gateway_ip: null, enable_dhcp: false } });
    }
    for (const [index, host] of HOSTS.entries()) {
      const { port, machine } = await this.bound(host, 11 + index);
      this.ports.push(port);
      this.nodes.push(machine);
    }
    const { machine } = await this.bound('hv2', 21);
    this.clients = { machine, lan: this.backend.hypervisors.addHost(withPrefixes(inBothFamilies(31))) };
    await this.backend.furnish?.(this);
  }

  /** Releases with rules for new groups in a table of their own, which is empty here, let nothing out. */
  private async openGroup(): Promise<void> {
    const { security_group } = await this.post<{ security_group: SecurityGroup }>('/security-groups', {
      security_group: { name: 'open' },
    });
    this.groupId = security_group.id;
    for (const ethertype of ['IPv4', 'IPv6'])
      for (const direction of ['ingress', 'egress']) {
        const isThere = security_group.security_group_rules.some(
          (rule) => rule.ethertype === ethertype && rule.direction === direction,
        );
        if (isThere) continue;
        const security_group_rule = { security_group_id: this.groupId, direction, ethertype };
        await this.post('/security-group-rules', { security_group_rule });
      }
  }

  /** A machine on a host, and its port. @param number the last part of its addresses */
  public async bound(host: Host, number: number): Promise<{ port: BoundPort; machine: Machine }> {
    const device = { device_owner: 'compute:nova', device_id: `machine-${number}`, 'binding:host_id': host };
    const port = await this.createPort(number, device);
    if (port['binding:vif_type'] !== 'ovs') throw new Error(`not bound: ${JSON.stringify(port)}`);
    const addresses = withPrefixes(inBothFamilies(number));
    return { port, machine: this.backend.addMachine(host, { id: port.id, mac: port.mac_address, addresses }) };
  }

  private async post<T>(path: string, body: object): Promise<T> {
    const answer = await this.neutron.ask<T>('POST', path, body);
    if (answer.status === 201) return answer.body;
    throw new Error(`POST ${path}: ${answer.status} ${JSON.stringify(answer.body)}\n${this.neutron.log()}`);
  }
}

/** A pod with a macvlan interface on the node's card. */
function routerOn({ namespace, index }: Machine, mac: string): Namespace {
  const pod = Namespace.create(`os-pod${index}-${process.pid}`);
  namespace.batch(`link add link lan0 name net1 netns ${pod.name} address ${mac} type macvlan mode bridge`);
  pod.batch('link set net1 up', ...setAddresses('net1', withPrefixes(ROUTER)));
  return pod;
}

/** Those of the addresses that answer, in their order. */
async function answering(from: Namespace, addresses: readonly string[]): Promise<string[]> {
  const words = ['python3', join(__dirname, 'echo_request.py'), ...addresses];
  const child = from.start(words, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout!.on('data', (part) => {
    text += part;
  });
  const [status] = await once(child, 'close');
  if (status !== 0) throw new Error(`${words.join(' ')}: exit status ${status}`);
  const found = text.split('\n');
  return addresses.filter((address) => found.includes(address));
}
