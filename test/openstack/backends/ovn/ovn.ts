import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  logTail,
  type NamedCommand,
  type SupervisedPrograms,
  startSupervised,
} from '../../../support/supervised-programs';
import type { Backend, Card } from '../backend';
import {
  createDatabase,
  HOSTS,
  type Host,
  Hypervisors,
  type Machine,
  PATIENCE,
  programEnvironment,
} from '../hypervisors';

/** A real OVN: its databases, northd, and a controller on each hypervisor. */
export class Ovn implements Backend {
  private controllers: { readonly logs: string; readonly programs: SupervisedPrograms } | undefined;

  private constructor(
    private readonly folder: string,
    public readonly hypervisors: Hypervisors,
    private readonly programs: SupervisedPrograms,
  ) {}

  /** @param unpacked folder of the unpacked packages */
  public static async start(unpacked: string): Promise<Ovn> {
    const root = join(unpacked, 'root');
    const folder = mkdtempSync(join(tmpdir(), 'egress-router-ovn-'));
    for (const name of ['nb', 'sb']) createDatabase(root, join(folder, `${name}.db`), `ovn/ovn-${name}.ovsschema`);
    const programs = startSupervised(folder, commands(folder), programEnvironment(root));
    try {
      const hypervisors = await Hypervisors.start(unpacked, (host) => settingsOf(host, folder));
      const ovn = new Ovn(folder, hypervisors, programs);
      await ovn.startControllers();
      return ovn;
    } catch (error) {
      const logs = ['nb', 'sb', 'northd'].map((one) => logTail(folder, one)).join('\n');
      await programs.stop();
      throw new Error(`OVN did not start: ${(error as Error).message}\n${logs}`);
    }
  }

  public get settings() {
    const sections = `[ovn]
ovn_nb_connection = unix:${this.folder}/nb.sock
ovn_sb_connection = unix:${this.folder}/sb.sock
`;
    return { files: [join(__dirname, 'neutron-ovn.conf')], sections };
  }

  public addMachine(host: Host, card: Card): Machine {
    const machine = this.hypervisors.addMachine(host, card);
    this.hypervisors.plug(host, `vm${machine.index}`, card);
    return machine;
  }

  public async stop(): Promise<void> {
    await this.controllers?.programs.stop();
    await this.programs.stop();
    await this.hypervisors.stop();
  }

  /**
   * Waits until every chassis has programmed the flows of the northbound database as it is now.
   *
   * Not by `ovn-nbctl --wait=hv`, which does not say who is late, and wants a newer state of every chassis each time.
   */
  public settle(): void {
    this.translate();
    const wanted = Number(this.nbctl('get', 'NB_Global', '.', 'nb_cfg'));
    for (const host of HOSTS) this.awaitFlows(host, wanted);
  }

  /** Runs ovn-nbctl. */
  public nbctl(...args: string[]): string {
    return this.hypervisors.run('ovn-nbctl', `--db=unix:${this.folder}/nb.sock`, ...args);
  }

  private sbctl(...args: string[]): string {
    return this.hypervisors.run('ovn-sbctl', `--db=unix:${this.folder}/sb.sock`, ...args);
  }

  /** Not before the hypervisors have their settings: otherwise a controller may never register its chassis. */
  private async startControllers(): Promise<void> {
    const logs = mkdtempSync(join(tmpdir(), 'egress-router-ovn-controllers-'));
    const wanted = HOSTS.map((host): NamedCommand => {
      const controller = ['ovn-controller', '--no-chdir', this.hypervisors.database(host)];
      return [`${host}-controller`, ...this.hypervisors.inside(host), 'sh', '-c', AGAIN, 'sh', ...controller];
    });
    this.controllers = { logs, programs: startSupervised(logs, wanted, this.hypervisors.environment) };
    try {
      for (const host of HOSTS) await this.publishSettings(host);
    } catch (error) {
      const tails = HOSTS.map((host) => this.logs(host)).join('\n');
      await this.controllers.programs.stop();
      await this.hypervisors.stop();
      throw new Error(`${(error as Error).message}\n${tails}`);
    }
  }

  /**
   * Writes a chassis' settings where Neutron 21 reads them: OVN has them in `other_config` since 22.09, and Debian's
   * Neutron 21 still looks for `external_ids`, and binds no port of a physical network without.
   */
  private async publishSettings(host: Host): Promise<void> {
    const settings = ['ovn-bridge-mappings=phys:br-ex', 'datapath-type=netdev'];
    const words = settings.map((setting) => `external_ids:${setting}`);
    await this.hypervisors.untilPossible(() => this.sbctl('set', 'Chassis', host, ...words));
  }

  private awaitFlows(host: Host, wanted: number): void {
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

  private stateOf(host: Host): string {
    const reported = this.sbctl('--columns=name,nb_cfg', 'list', 'Chassis_Private');
    return `${reported}\n${this.logs(host)}`;
  }

  private logs(host: Host): string {
    return `${logTail(this.controllers!.logs, `${host}-controller`)}\n${this.hypervisors.log(host)}`;
  }
}

function settingsOf(host: Host, folder: string): string[] {
  const settings = [
    `system-id=${host}`,
    `ovn-remote=unix:${folder}/sb.sock`,
    'ovn-encap-type=geneve',
    `ovn-encap-ip=10.0.0.${host.slice(2)}`,
    'ovn-bridge-mappings=phys:br-ex',
    'ovn-bridge-datapath-type=netdev',
  ];
  return settings.map((setting) => `external-ids:${setting}`);
}

function commands(folder: string): NamedCommand[] {
  const socket = (name: string) => `unix:${join(folder, name)}`;
  const database = (name: string, table: string): NamedCommand => [
    name,
    'ovsdb-server',
    ...[`--remote=p${socket(`${name}.sock`)}`, `--remote=db:${table}`],
    ...[`--unixctl=${join(folder, `${name}.ctl`)}`, '--no-chdir', join(folder, `${name}.db`)],
  ];
  const databases = [`--ovnnb-db=${socket('nb.sock')}`, `--ovnsb-db=${socket('sb.sock')}`];
  return [
    database('nb', 'OVN_Northbound,NB_Global,connections'),
    database('sb', 'OVN_Southbound,SB_Global,connections'),
    ['northd', 'env', `OVN_RUNDIR=${folder}`, 'ovn-northd', `--unixctl=${join(folder, 'northd.ctl')}`, ...databases],
  ];
}

/**
 * Runs a program again when it has crashed, until it is killed itself: as `ovn-ctl` does, because a controller of OVN
 * 23.03 sometimes crashes while it starts, on a busy machine.
 */
const AGAIN = 'while :; do setpriv --pdeathsig KILL "$@" || echo "ended with status $?"; sleep 0.2; done';
