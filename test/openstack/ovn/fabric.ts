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

export const CHASSIS = ['hv1', 'hv2'] as const;

/** A host of OVN: what a port of Neutron is bound to. */
export type Chassis = (typeof CHASSIS)[number];

/** Starts are quick; two loaded cores are not. */
const PATIENCE = 240_000;

/**
 * A real OVN: its databases, northd, and two chassis with Open vSwitch's userspace datapath, which needs no module of
 * the kernel. Their bridges join on a switch, the physical network `phys`.
 */
export class Fabric {
  private readonly namespaces: Namespace[] = [];
  private machines = 0;
  private controllers: { readonly logs: string; readonly programs: SupervisedPrograms } | undefined;

  private constructor(
    public readonly folder: string,
    private readonly root: string,
    private readonly programs: SupervisedPrograms,
    private readonly lan: Namespace,
    private readonly chassis: ReadonlyMap<Chassis, Namespace>,
  ) {}

  /** @param unpacked folder of the unpacked packages */
  public static async start(unpacked: string): Promise<Fabric> {
    const root = join(unpacked, 'root');
    const folder = mkdtempSync(join(tmpdir(), 'egress-router-ovn-'));
    const name = (of: string) => `ovn-${of}-${process.pid}`;
    const lan = Namespace.create(name('lan'));
    lan.batch('link add lan type bridge forward_delay 0 mcast_snooping 0', 'link set lan up');
    const chassis = new Map(CHASSIS.map((host) => [host, Namespace.create(name(host))]));
    for (const [host, { name: other }] of chassis) {
      lan.batch(`link add ${host} type veth peer name eth1 netns ${other}`, `link set ${host} master lan up`);
      chassis.get(host)!.batch('link set eth1 up');
    }
    createDatabases(root, folder);
    const programs = startSupervised(folder, commands(folder, chassis), ovnEnvironment(root));
    const fabric = new Fabric(folder, root, programs, lan, chassis);
    fabric.namespaces.push(lan, ...chassis.values());
    try {
      for (const host of CHASSIS) await fabric.configure(host);
      // Only now: a controller that starts before its settings may never register its chassis.
      const logs = mkdtempSync(join(tmpdir(), 'egress-router-ovn-controllers-'));
      const controllers = startSupervised(logs, controllerCommands(folder, chassis), ovnEnvironment(root));
      fabric.controllers = { logs, programs: controllers };
      await fabric.publishSettings();
    } catch (error) {
      const logs = ['nb', 'sb', 'northd', 'hv1-switch'].map((one) => logTail(folder, one)).join('\n');
      await fabric.stop();
      throw new Error(`OVN did not start: ${(error as Error).message}\n${logs}`);
    }
    return fabric;
  }

  /** What finds the programs of OVN. */
  public get environment(): NodeJS.ProcessEnv {
    return ovnEnvironment(this.root);
  }

  public async stop(): Promise<void> {
    await this.controllers?.programs.stop();
    await this.programs.stop();
    for (const namespace of this.namespaces) namespace[Symbol.dispose]();
  }

  /** A machine on a chassis, whose card is a port of Neutron. */
  public addMachine(host: Chassis, port: { id: string; mac: string; addresses: readonly string[] }): Machine {
    const machine = this.newMachine(this.chassis.get(host)!);
    const { namespace, index } = machine;
    namespace.batch(`link set lan0 address ${port.mac} up`, ...setAddresses('lan0', port.addresses));
    const external = `external-ids:iface-id=${port.id}`;
    this.vsctl(host, 'add-port', 'br-int', `vm${index}`, '--', 'set', 'interface', `vm${index}`, external);
    return machine;
  }

  /** A machine on the physical network, behind no port of Neutron. */
  public addHost(addresses: readonly string[]): Machine {
    const machine = this.newMachine(this.lan);
    this.lan.batch(`link set vm${machine.index} master lan`);
    machine.namespace.batch('link set lan0 up', ...setAddresses('lan0', addresses));
    return machine;
  }

  /**
   * Writes each chassis' settings where Neutron 21 reads them: OVN has them in `other_config` since 22.09, and Debian's
   * Neutron 21 still looks for `external_ids`, and binds no port of a physical network without.
   */
  public async publishSettings(): Promise<void> {
    for (const host of CHASSIS) {
      const settings = ['ovn-bridge-mappings=phys:br-ex', 'datapath-type=netdev'];
      const words = settings.map((setting) => `external_ids:${setting}`);
      await this.untilPossible(() => this.sbctl('set', 'Chassis', host, ...words));
    }
  }

  /**
   * Waits until every chassis has programmed the flows of the northbound database as it is now.
   *
   * Not by `ovn-nbctl --wait=hv`, which does not say who is late, and wants a newer state of every chassis each time.
   */
  public sync(): void {
    this.translate();
    const wanted = Number(this.nbctl('get', 'NB_Global', '.', 'nb_cfg'));
    for (const host of CHASSIS) this.awaitFlows(host, wanted);
  }

  private awaitFlows(host: Chassis, wanted: number): void {
    for (const start = Date.now(); ; ) {
      try {
        this.sbctl('--timeout=20', 'wait-until', 'Chassis_Private', host, `nb_cfg>=${wanted}`);
        return;
      } catch {
        const seconds = Math.round((Date.now() - start) / 1000);
        const late = `chassis ${host} has not programmed its flows after ${seconds} s`;
        if (Date.now() - start > PATIENCE) throw new Error(`${late}\n${this.stateOf(host)}`);
        console.warn(`${late}: asking again`);
        this.translate();
      }
    }
  }

  /** Waits until northd has translated the northbound database, and asks each chassis to report. */
  private translate(): void {
    try {
      this.nbctl('--timeout=60', '--wait=sb', 'sync');
    } catch (error) {
      throw new Error(`northd is late: ${(error as Error).message}\n${logTail(this.folder, 'northd')}`);
    }
  }

  private stateOf(host: Chassis): string {
    const reported = this.sbctl('--columns=name,nb_cfg', 'list', 'Chassis_Private');
    const { logs } = this.controllers!;
    return [reported, logTail(logs, `${host}-controller`), logTail(this.folder, `${host}-switch`)].join('\n');
  }

  /** Runs ovn-nbctl. */
  public nbctl(...args: string[]): string {
    return this.run('ovn-nbctl', `--db=unix:${this.folder}/nb.sock`, ...args);
  }

  private sbctl(...args: string[]): string {
    return this.run('ovn-sbctl', `--db=unix:${this.folder}/sb.sock`, ...args);
  }

  private newMachine(on: Namespace): Machine {
    const index = ++this.machines;
    const namespace = Namespace.create(`ovn-vm${index}-${process.pid}`);
    this.namespaces.push(namespace);
    on.batch(`link add vm${index} type veth peer name lan0 netns ${namespace.name}`, `link set vm${index} up`);
    return { namespace, index };
  }

  private async configure(host: Chassis): Promise<void> {
    const settings = [
      `system-id=${host}`,
      `hostname=${host}`,
      `ovn-remote=unix:${this.folder}/sb.sock`,
      'ovn-encap-type=geneve',
      `ovn-encap-ip=10.0.0.${host.slice(2)}`,
      'ovn-bridge-mappings=phys:br-ex',
      'ovn-bridge-datapath-type=netdev',
    ];
    const bridge = (name: string) => ['--', 'add-br', name, '--', 'set', 'bridge', name, 'datapath_type=netdev'];
    const wanted = [
      ...['set', 'open', '.', ...settings.map((setting) => `external-ids:${setting}`)],
      ...[...bridge('br-int'), 'fail-mode=secure', ...bridge('br-ex'), '--', 'add-port', 'br-ex', 'eth1'],
    ];
    await this.untilPossible(() => this.vsctl(host, ...wanted));
  }

  private async untilPossible(work: () => unknown): Promise<void> {
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

  private vsctl(host: Chassis, ...args: string[]): string {
    return this.run('ovs-vsctl', '--timeout=60', `--db=unix:${this.folder}/${host}/db.sock`, ...args);
  }

  private run(program: string, ...args: string[]): string {
    return run(this.root, program, ...args);
  }
}

/** Commands of `ip` that give an interface addresses, such as `192.168.12.99/24`. */
export function setAddresses(link: string, addresses: readonly string[]): string[] {
  // No detection of duplicates, which takes a second.
  return addresses.map((address) => `address add ${address} dev ${link}${address.includes(':') ? ' nodad' : ''}`);
}

/** What finds the programs and libraries of the unpacked packages. */
function ovnEnvironment(root: string): NodeJS.ProcessEnv {
  const folders = ['sbin', 'usr/sbin', 'usr/bin', 'usr/lib/openvswitch-switch'].map((folder) => join(root, folder));
  const libraries = readdirSync(join(root, 'usr/lib')).filter((name) => name.endsWith('-linux-gnu'));
  return {
    ...process.env,
    PATH: [...folders, process.env.PATH].join(':'),
    LD_LIBRARY_PATH: libraries.map((name) => join(root, 'usr/lib', name)).join(':'),
    PYTHONUNBUFFERED: '1',
  };
}

function createDatabases(root: string, folder: string): void {
  const [ovn, ovs] = [join(root, 'usr/share/ovn'), join(root, 'usr/share/openvswitch')];
  run(root, 'ovsdb-tool', 'create', join(folder, 'nb.db'), join(ovn, 'ovn-nb.ovsschema'));
  run(root, 'ovsdb-tool', 'create', join(folder, 'sb.db'), join(ovn, 'ovn-sb.ovsschema'));
  for (const host of CHASSIS) {
    mkdirSync(join(folder, host));
    run(root, 'ovsdb-tool', 'create', join(folder, host, 'conf.db'), join(ovs, 'vswitch.ovsschema'));
  }
}

function commands(folder: string, chassis: ReadonlyMap<Chassis, Namespace>): NamedCommand[] {
  const socket = (name: string) => `unix:${join(folder, name)}`;
  const database = (name: string, table: string): NamedCommand => [
    name,
    'ovsdb-server',
    ...[`--remote=p${socket(`${name}.sock`)}`, `--remote=db:${table}`],
    ...[`--unixctl=${join(folder, `${name}.ctl`)}`, '--no-chdir', join(folder, `${name}.db`)],
  ];
  const hosts = [...chassis].flatMap(([host, { name }]): NamedCommand[] => {
    const at = join(folder, host);
    const inside = insideOf(name, at);
    const own = ['--no-chdir', `--unixctl=${at}/switch.ctl`];
    return [
      [
        `${host}-db`,
        ...inside,
        'ovsdb-server',
        `--remote=punix:${at}/db.sock`,
        `--unixctl=${at}/db.ctl`,
        `${at}/conf.db`,
      ],
      [`${host}-switch`, ...inside, 'ovs-vswitchd', ...own, `unix:${at}/db.sock`],
    ];
  });
  const databases = [`--ovnnb-db=${socket('nb.sock')}`, `--ovnsb-db=${socket('sb.sock')}`];
  return [
    database('nb', 'OVN_Northbound,NB_Global,connections'),
    database('sb', 'OVN_Southbound,SB_Global,connections'),
    ['northd', 'env', `OVN_RUNDIR=${folder}`, 'ovn-northd', `--unixctl=${join(folder, 'northd.ctl')}`, ...databases],
    ...hosts,
  ];
}

/**
 * Runs a program again when it has crashed, until it is killed itself: as `ovn-ctl` does, because a controller of OVN
 * 23.03 sometimes crashes while it starts, on a busy machine.
 */
const AGAIN = 'while :; do setpriv --pdeathsig KILL "$@" || echo "ended with status $?"; sleep 0.2; done';

function controllerCommands(folder: string, chassis: ReadonlyMap<Chassis, Namespace>): NamedCommand[] {
  return [...chassis].map(([host, { name }]) => {
    const at = join(folder, host);
    const controller = ['ovn-controller', '--no-chdir', `unix:${at}/db.sock`];
    return [`${host}-controller`, ...insideOf(name, at), 'sh', '-c', AGAIN, 'sh', ...controller];
  });
}

function insideOf(namespace: string, runFolder: string): [program: string, ...args: string[]] {
  return ['ip', 'netns', 'exec', namespace, 'env', `OVS_RUNDIR=${runFolder}`, `OVN_RUNDIR=${runFolder}`];
}

function run(root: string, program: string, ...args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', env: ovnEnvironment(root) });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr.trim()}`);
  return stdout;
}
