import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Namespace } from '../../kernel/lab/namespace';
import {
  logTail,
  type NamedCommand,
  type SupervisedPrograms,
  startSupervised,
} from '../../support/supervised-programs';

/** A machine of a test, with a card `lan0`. */
export interface Machine {
  readonly namespace: Namespace;
  /** Its number in names of interfaces. */
  readonly index: number;
}

export const HOSTS = ['hv1', 'hv2'] as const;

/** A hypervisor: what a port of Neutron is bound to. */
export type Host = (typeof HOSTS)[number];

/** Starts are quick; two loaded cores are not. */
export const PATIENCE = 240_000;

/**
 * Two hypervisors with Open vSwitch's userspace datapath, which needs no module of the kernel. Their bridges `br-ex`
 * join on a switch, the physical network `phys`.
 */
export class Hypervisors {
  private readonly namespaces: Namespace[] = [];
  private machines = 0;

  private constructor(
    public readonly folder: string,
    private readonly root: string,
    private readonly programs: SupervisedPrograms,
    private readonly lan: Namespace,
    private readonly hosts: ReadonlyMap<Host, Namespace>,
  ) {}

  /**
   * @param unpacked folder of the unpacked packages
   * @param settings each host's own, such as `external-ids:ovn-encap-type=geneve`
   */
  public static async start(
    unpacked: string,
    settings: (host: Host) => readonly string[] = () => [],
  ): Promise<Hypervisors> {
    const root = join(unpacked, 'root');
    const folder = mkdtempSync(join(tmpdir(), 'egress-router-hypervisors-'));
    const lan = Namespace.create(`os-phys-${process.pid}`);
    lan.batch('link add lan type bridge forward_delay 0 mcast_snooping 0', 'link set lan up');
    const hosts = new Map(HOSTS.map((host) => [host, Namespace.create(`os-${host}-${process.pid}`)]));
    for (const [host, { name: other }] of hosts) {
      lan.batch(`link add ${host} type veth peer name eth1 netns ${other}`, `link set ${host} master lan up`);
      hosts.get(host)!.batch('link set eth1 up');
      mkdirSync(join(folder, host));
      createDatabase(root, join(folder, host, 'conf.db'), 'openvswitch/vswitch.ovsschema');
    }
    const programs = startSupervised(folder, switches(folder, hosts), programEnvironment(root));
    const hypervisors = new Hypervisors(folder, root, programs, lan, hosts);
    hypervisors.namespaces.push(lan, ...hosts.values());
    try {
      for (const host of HOSTS) await hypervisors.configure(host, settings(host));
    } catch (error) {
      const logs = HOSTS.map((host) => hypervisors.log(host)).join('\n');
      await hypervisors.stop();
      throw new Error(`Open vSwitch did not start: ${(error as Error).message}\n${logs}`);
    }
    return hypervisors;
  }

  /** What finds the unpacked programs. */
  public get environment(): NodeJS.ProcessEnv {
    return programEnvironment(this.root);
  }

  public async stop(): Promise<void> {
    await this.programs.stop();
    for (const namespace of this.namespaces) namespace[Symbol.dispose]();
  }

  /** The last lines of a host's switch. */
  public log(host: Host): string {
    return logTail(this.folder, `${host}-switch`);
  }

  /** A host's database of Open vSwitch. */
  public database(host: Host): string {
    return `unix:${this.folder}/${host}/db.sock`;
  }

  /** What runs a program on a host. */
  public inside(host: Host): [program: string, ...args: string[]] {
    return insideOf(this.hosts.get(host)!.name, join(this.folder, host));
  }

  public namespace(host: Host): Namespace {
    return this.hosts.get(host)!;
  }

  /** A machine on a host whose card is connected to nothing yet: its other end there is `vm`, and `index`. */
  public addMachine(host: Host, card: { readonly mac: string; readonly addresses: readonly string[] }): Machine {
    const machine = this.newMachine(this.hosts.get(host)!);
    machine.namespace.batch(`link set lan0 address ${card.mac} up`, ...setAddresses('lan0', card.addresses));
    return machine;
  }

  /** Connects an interface to br-int, as Nova does for a port of Neutron. */
  public plug(host: Host, link: string, port: { readonly id: string; readonly mac: string }): void {
    const ids = { 'iface-id': port.id, 'attached-mac': `"${port.mac}"`, 'iface-status': 'active' };
    const words = Object.entries(ids).map(([key, value]) => `external-ids:${key}=${value}`);
    this.vsctl(host, 'add-port', 'br-int', link, '--', 'set', 'interface', link, ...words);
  }

  /** A machine on the physical network, behind no port of Neutron. */
  public addHost(addresses: readonly string[]): Machine {
    const machine = this.newMachine(this.lan);
    this.lan.batch(`link set vm${machine.index} master lan`);
    machine.namespace.batch('link set lan0 up', ...setAddresses('lan0', addresses));
    return machine;
  }

  /** Repeats what a program that is still starting refuses. */
  public async untilPossible(work: () => unknown): Promise<void> {
    for (const start = Date.now(); ; await sleep(100)) {
      try {
        work();
        return;
      } catch (error) {
        const early = this.programs.endedEarly();
        if (early !== undefined || Date.now() - start > PATIENCE) throw new Error(early ?? (error as Error).message);
      }
    }
  }

  public vsctl(host: Host, ...args: string[]): string {
    return this.run('ovs-vsctl', '--timeout=60', `--db=${this.database(host)}`, ...args);
  }

  /** Runs a program of the unpacked packages. */
  public run(program: string, ...args: string[]): string {
    return run(this.root, program, ...args);
  }

  private newMachine(on: Namespace): Machine {
    const index = ++this.machines;
    const namespace = Namespace.create(`os-vm${index}-${process.pid}`);
    this.namespaces.push(namespace);
    on.batch(`link add vm${index} type veth peer name lan0 netns ${namespace.name}`, `link set vm${index} up`);
    return { namespace, index };
  }

  private async configure(host: Host, settings: readonly string[]): Promise<void> {
    const bridge = (name: string) => ['--', 'add-br', name, '--', 'set', 'bridge', name, 'datapath_type=netdev'];
    const bridges = [...bridge('br-int'), 'fail-mode=secure', ...bridge('br-ex'), '--', 'add-port', 'br-ex', 'eth1'];
    const wanted = ['set', 'open', '.', `external-ids:hostname=${host}`, ...settings, ...bridges];
    await this.untilPossible(() => this.vsctl(host, ...wanted));
  }
}

/** Commands of `ip` that give an interface addresses, such as `192.168.12.99/24`. */
export function setAddresses(link: string, addresses: readonly string[]): string[] {
  // No detection of duplicates, which takes a second.
  return addresses.map((address) => `address add ${address} dev ${link}${address.includes(':') ? ' nodad' : ''}`);
}

/** What finds the programs and libraries of the unpacked packages. */
export function programEnvironment(root: string): NodeJS.ProcessEnv {
  const folders = ['sbin', 'usr/sbin', 'usr/bin', 'usr/lib/openvswitch-switch'].map((folder) => join(root, folder));
  const libraries = readdirSync(join(root, 'usr/lib')).filter((name) => name.endsWith('-linux-gnu'));
  return {
    ...process.env,
    PATH: [...folders, process.env.PATH].join(':'),
    LD_LIBRARY_PATH: libraries.map((name) => join(root, 'usr/lib', name)).join(':'),
    PYTHONUNBUFFERED: '1',
  };
}

/** An empty database. @param schema below `/usr/share` */
export function createDatabase(root: string, file: string, schema: string): void {
  run(root, 'ovsdb-tool', 'create', file, join(root, 'usr/share', schema));
}

function switches(folder: string, hosts: ReadonlyMap<Host, Namespace>): NamedCommand[] {
  return [...hosts].flatMap(([host, { name }]): NamedCommand[] => {
    const at = join(folder, host);
    const inside = insideOf(name, at);
    const database = [`--remote=punix:${at}/db.sock`, `--unixctl=${at}/db.ctl`, `${at}/conf.db`];
    const own = ['--no-chdir', `--unixctl=${at}/switch.ctl`];
    return [
      [`${host}-db`, ...inside, 'ovsdb-server', ...database],
      [`${host}-switch`, ...inside, 'ovs-vswitchd', ...own, `unix:${at}/db.sock`],
    ];
  });
}

function insideOf(namespace: string, runFolder: string): [program: string, ...args: string[]] {
  return ['ip', 'netns', 'exec', namespace, 'env', `OVS_RUNDIR=${runFolder}`, `OVN_RUNDIR=${runFolder}`];
}

function run(root: string, program: string, ...args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    env: programEnvironment(root),
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr.trim()}`);
  return stdout;
}
