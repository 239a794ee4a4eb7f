import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  logTail,
  type NamedCommand,
  type SupervisedPrograms,
  startSupervised,
} from '../../../support/supervised-programs';
import { debian } from '../../server/neutron-release';
import type { Backend, Card, Network } from '../backend';
import { HOSTS, type Host, Hypervisors, type Machine, PATIENCE } from '../hypervisors';
import { Broker } from './broker';

/** What an agent filters with. */
export type FirewallDriver = 'openvswitch' | 'iptables_hybrid' | 'noop';

/** A real agent of ML2/OVS on each hypervisor, and what it reaches Neutron by. */
export class Ovs implements Backend {
  private agents: { readonly folder: string; readonly programs: SupervisedPrograms } | undefined;
  private network: Network | undefined;
  /** A port on each host that no test looks at. */
  private readonly markers: string[] = [];
  private areMarkersUp = true;

  private constructor(
    private readonly unpacked: string,
    private readonly firewall: FirewallDriver,
    public readonly hypervisors: Hypervisors,
    private readonly broker: Broker,
  ) {}

  /** @param unpacked folder of the unpacked packages */
  public static async start(unpacked: string, firewall: FirewallDriver): Promise<Ovs> {
    const broker = await Broker.start(unpacked);
    try {
      return new Ovs(unpacked, firewall, await Hypervisors.start(unpacked), broker);
    } catch (error) {
      await broker.stop();
      throw error;
    }
  }

  public get settings() {
    const sections = `[DEFAULT]\ntransport_url = ${this.broker.url}\n`;
    return { files: [join(__dirname, 'neutron-ovs.conf')], sections };
  }

  /** Starts the agents: not earlier, because a request to a Neutron that does not listen yet is lost. */
  public attach(): void {
    const folder = mkdtempSync(join(tmpdir(), 'egress-router-agents-'));
    const commands = HOSTS.flatMap((host) => this.commands(host, folder));
    const env = { ...this.hypervisors.environment, TMPDIR: folder };
    this.agents = { folder, programs: startSupervised(folder, commands, env) };
  }

  /** Starts the agents again, which leaves the flows in the switches at first. */
  public async restartAgents(): Promise<void> {
    await this.agents!.programs.stop();
    this.attach();
  }

  public async furnish(network: Network): Promise<void> {
    this.network = network;
    for (const [index, host] of HOSTS.entries()) this.markers.push((await network.bound(host, 41 + index)).port.id);
    await this.untilMarkersAre('ACTIVE');
  }

  /** With `iptables_hybrid` through a bridge of Linux, whose ports the agent filters, by their names. */
  public addMachine(host: Host, card: Card): Machine {
    const machine = this.hypervisors.addMachine(host, card);
    const link = `vm${machine.index}`;
    if (this.firewall !== 'iptables_hybrid') {
      this.hypervisors.plug(host, link, card);
      return machine;
    }
    const [bridge, tap, outer, inner] = ['qbr', 'tap', 'qvo', 'qvb'].map((kind) => kind + card.id.slice(0, 11));
    this.hypervisors
      .namespace(host)
      .batch(
        `link set ${link} name ${tap}`,
        `link add ${bridge} type bridge forward_delay 0 mcast_snooping 0`,
        `link add ${outer} type veth peer name ${inner}`,
        `link set ${inner} master ${bridge} up`,
        `link set ${tap} master ${bridge} up`,
        `link set ${outer} up`,
        `link set ${bridge} up`,
      );
    this.hypervisors.plug(host, outer!, card);
    return machine;
  }

  /**
   * Waits until every agent has programmed what Neutron was asked for, by an order of its own to each: to take a port
   * out of service, or to bring it back. Agents take orders as they come, and report a port when all are carried out.
   */
  public async settle(): Promise<void> {
    this.areMarkersUp = !this.areMarkersUp;
    for (const id of this.markers) {
      const port = { admin_state_up: this.areMarkersUp };
      await this.network!.neutron.ask('PUT', `/ports/${id}`, { port });
    }
    await this.untilMarkersAre(this.areMarkersUp ? 'ACTIVE' : 'DOWN');
  }

  /** The flows of a table of a host's br-int, a line each. */
  public flows(host: Host, table: number): string[] {
    const bridge = `unix:${this.hypervisors.folder}/${host}/br-int.mgmt`;
    const text = this.hypervisors.run('ovs-ofctl', 'dump-flows', bridge, `table=${table}`);
    return text.trim().split('\n');
  }

  public endedEarly(): string | undefined {
    return this.agents?.programs.endedEarly();
  }

  public log(): string {
    return HOSTS.map((host) => logTail(this.agents!.folder, `${host}-agent`)).join('\n');
  }

  public async stop(): Promise<void> {
    await this.agents?.programs.stop();
    await this.broker.stop();
    await this.hypervisors.stop();
  }

  private async untilMarkersAre(wanted: string): Promise<void> {
    for (const start = Date.now(); ; await sleep(100)) {
      const { body } = await this.network!.neutron.ask<{ ports: { id: string; status: string }[] }>('GET', '/ports');
      const found = body.ports.filter(({ id }) => this.markers.includes(id));
      if (found.every(({ status }) => status === wanted)) return;
      const problem = this.endedEarly() ?? (Date.now() - start > PATIENCE ? 'an agent is late' : undefined);
      if (problem !== undefined) throw new Error(`${problem}: ${JSON.stringify(found)}\n${this.log()}`);
    }
  }

  private commands(host: Host, folder: string): NamedCommand[] {
    const here = `[DEFAULT]
host = ${host}
transport_url = ${this.broker.urlOnHypervisor}
[ovs]
ovsdb_connection = ${this.hypervisors.database(host)}
[securitygroup]
firewall_driver = ${this.firewall}
`;
    const own = join(folder, `${host}.conf`);
    writeFileSync(own, here);
    const files = [join(__dirname, '../../server/neutron.conf'), join(__dirname, 'agent.conf'), own];
    const options = files.flatMap((file) => ['--config-file', file]);
    const inside = this.hypervisors.inside(host);
    return [
      [`${host}-entrance`, ...inside, ...this.broker.entranceOnHypervisor],
      [`${host}-agent`, ...inside, ...debian(this.unpacked, 'neutron-openvswitch-agent'), ...options],
    ];
  }
}
