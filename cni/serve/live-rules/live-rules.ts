import { AddressesInForce } from '../../../src/domain/data-plane/addresses-in-force';
import { type MarkedRules, withoutMarks } from '../../../src/domain/data-plane/marked-rules';
import type { PortSpread } from '../../../src/domain/data-plane/port-spread';
import type { RouterInterfaces } from '../../../src/domain/data-plane/router-interfaces';
import { type WantedRules, wantedRules } from '../../../src/domain/data-plane/rule-changes';
import { ConfigError } from '../../../src/domain/input/issue';
import { printableLines, printableText } from '../../../src/domain/input/printable-text';
import { changesBesidesRules } from '../../../src/domain/router/besides-rules';
import type { Host } from '../../../src/domain/router/host';
import { resolvedHosts } from '../../../src/domain/router/name-resolver';
import type { NetworkConfig } from '../../../src/domain/router/network-config';
import type { Family, IpAddress } from '../../../src/domain/values/ip-address';
import { type CheckResult, checkResult } from '../check-result';
import type { ServeEvents } from '../serve-events';
import type { ServeLog } from '../serve-log';
import type { ServePart } from '../serve-part';
import { systemFailure } from '../system-failure';
import { ConfigFile, type ConfigVersion } from './config-file';
import { ConnectionSweep, type SweepSockets } from './connection-sweep';
import { type AddressChange, HostAddresses } from './host-addresses';
import { RetiredTargets } from './retired-targets';
import { ForeignTableError, RuleTable } from './rule-table';
import { afterAttempt, afterRejection, afterTableChange, newProblems, type RulesState } from './rules-state';

export interface LiveRulesOptions {
  /** The file with the complete configuration. */
  readonly configFile: string;
  /** The pod's initial configuration, with or without rules; other members must not change. */
  readonly config: NetworkConfig;
  readonly interfaces: RouterInterfaces;
}

/** The addresses of the hosts in force, and what they were made of. */
interface HeldAddresses {
  readonly spreads: readonly PortSpread[];
  readonly of: readonly Host[];
  readonly hosts: ReadonlyMap<string, Host>;
  readonly addresses: AddressesInForce;
}

type ValidVersion = Extract<ConfigVersion, { readonly config: NetworkConfig }>;

type State = RulesState<ValidVersion>;

/** What an attempt to apply the file led to. */
interface Transition {
  readonly state: State;
  /** Rules added, removed or retargeted. */
  readonly changedRules: number;
}

/**
 * Keeps the kernel's rules equal to those of the file. A change is one transaction; then connections of removed rules
 * are deleted. A file with mistakes changes nothing, and the router stays ready with the rules that it has.
 */
export class LiveRules implements ServePart {
  public readonly checks = ['rules'] as const;
  private readonly file: ConfigFile;
  private readonly table: RuleTable;
  private readonly connections: ConnectionSweep;
  private state: State = { kind: 'in-force' };
  /** Hash of the version whose rules were put in force last; absent while the kernel has those that it started with. */
  private hashInForce: string | undefined;
  /** The hosts of that version. */
  private hostsInForce: readonly Host[] = [];
  private held: HeldAddresses | undefined;
  private readonly addresses = new HostAddresses();
  private readonly retired: RetiredTargets;
  private tableProblem: string | undefined;
  private addressProblem: string | undefined;
  private sweepProblem: string | undefined;

  /**
   * Takes over the rules that the kernel has, with their marks, and applies those of the file.
   *
   * @param sockets of the pod's namespace; the caller closes them
   */
  public constructor(
    private readonly options: LiveRulesOptions,
    sockets: SweepSockets,
    private readonly log: ServeLog,
    private readonly events: Pick<ServeEvents, 'ruleChange'>,
  ) {
    const { config, configFile, interfaces } = options;
    this.table = new RuleTable(sockets.netfilter, config, interfaces);
    this.connections = new ConnectionSweep(sockets, interfaces.primary, config);
    this.retired = new RetiredTargets(sockets, interfaces.primary);
    this.file = new ConfigFile(configFile, () => this.readFile(true));
    if (!this.file.isWatched) log.warn('cannot watch config file, polling every second', { configFile });
    this.readTable();
    this.readFile(true);
    // A process that was killed after its transaction did not sweep.
    this.sweep(() => this.connections.sweepAll(this.table.inForce));
  }

  public [Symbol.dispose](): void {
    this.file[Symbol.dispose]();
  }

  /** The router, with the rules in force. */
  public get router(): NetworkConfig {
    return { ...this.options.config, ...withoutMarks(this.table.inForce) };
  }

  /** The rules in force, with their marks. */
  public get inForce(): MarkedRules {
    return this.table.inForce;
  }

  /** The hosts whose rules are in force; none while the kernel has those that it started with. */
  public get hosts(): readonly Host[] {
    return this.hostsInForce;
  }

  /** The addresses of a resolved host in force: after a start of the process, the last that an earlier one had. */
  public heldAddresses(name: string, family: Family): readonly IpAddress[] {
    const host = this.heldNow.hosts.get(name);
    return host === undefined ? [] : this.heldNow.addresses.of(host, family);
  }

  /**
   * Puts addresses of resolved hosts in force, in one transaction; a host without any is refused. Connections to an
   * address that leaves go on, flows of UDP move. A table that cannot be changed is tried again at the next check.
   */
  public setAddresses(changes: readonly AddressChange[]): void {
    for (const change of changes) this.addresses.set(change);
    const names = new Set(changes.map(({ name }) => name));
    this.putAddresses(({ host }) => host !== undefined && names.has(host));
  }

  public check(now = performance.now()): readonly CheckResult[] {
    this.readTable();
    this.readFile(false);
    if (this.addressProblem !== undefined) this.putAddresses(() => true);
    this.sweep(() => {
      this.connections.repeat(this.table.inForce);
      this.freeRetired(now);
    });
    return [checkResult('rules', this.tableProblem === undefined ? [] : [this.tableProblem])];
  }

  private readTable(): void {
    const before = this.tableProblem;
    let hasChanged = false;
    this.tableProblem = problemOf(() => {
      hasChanged = this.table.refresh();
    });
    if (before !== undefined && this.tableProblem === undefined) this.log.info('the table matches again');
    const { version } = this.state;
    if (!hasChanged || version === undefined) return;
    if (this.table.differsFrom(wantedRules(version.config))) this.state = afterTableChange(this.state);
    this.putAddresses(() => true);
  }

  /** @param isForced whether to read the file even if its metadata is unchanged */
  private readFile(isForced: boolean): void {
    const start = performance.now();
    const version = this.file.readChange(isForced);
    if (version !== undefined) this.enter(this.stateAfter(version), start);
    else if (this.state.kind === 'waiting-for-table') this.enter(this.apply(this.state.version), start);
  }

  private stateAfter(version: ConfigVersion): Transition {
    const { configFile, config } = this.options;
    if ('problem' in version) return this.reject(`${configFile}: ${version.problem}`);
    const issues = changesBesidesRules(config, version.config);
    if (issues.length > 0) return this.reject(`${configFile}: ${printableLines(new ConfigError(issues).message)}`);
    return this.apply(version);
  }

  private reject(problem: string): Transition {
    return { state: afterRejection(this.state, problem), changedRules: 0 };
  }

  private apply(version: ValidVersion): Transition {
    let changedRules = 0;
    const reason = problemOf(() => {
      const changes = this.table.change(this.wanted(version.config));
      changedRules = changes.count;
      this.hashInForce = version.hash;
      this.hostsInForce = version.config.hosts;
      this.addresses.retain(resolvedHosts(version.config));
      this.sweep(() => this.connections.sweepAfter(changes));
    });
    return { state: afterAttempt(this.state, version, reason), changedRules };
  }

  /** A port that comes gets the addresses that its host has already. */
  private wanted(config: NetworkConfig): WantedRules {
    const { addresses } = this.heldNow;
    return wantedRules(config, (host, family) => this.addresses.get(host.name, family) ?? addresses.of(host, family));
  }

  /** Made once for each change: there may be a thousand names. */
  private get heldNow(): HeldAddresses {
    const { spreads } = this.table.inForce;
    if (this.held?.spreads !== spreads || this.held.of !== this.hostsInForce) {
      const hosts = new Map(this.hostsInForce.map((host) => [host.name, host]));
      this.held = { spreads, of: this.hostsInForce, hosts, addresses: new AddressesInForce(spreads) };
    }
    return this.held;
  }

  private putAddresses(isMeant: (port: PortSpread) => boolean): void {
    const problem = problemOf(() => {
      const changes = this.table.spread((port) => {
        const { host, family } = port;
        return host === undefined || !isMeant(port) ? undefined : this.addresses.get(host, family);
      });
      this.sweep(() => this.connections.sweepAfter(changes));
    });
    if (problem !== undefined && problem !== this.addressProblem) {
      this.log.error('could not put addresses of hosts in force', { error: problem });
    }
    this.addressProblem = problem;
  }

  /** Removes destinations that left and whose last connection has ended. */
  private freeRetired(now: number): void {
    const ended = this.retired.ended(this.table.inForce.spreads, now);
    if (ended.size > 0) this.connections.sweepAfter(this.table.free(ended));
  }

  /** Enters a state, and reports it: rules in force each time, a problem when it is new. */
  private enter({ state, changedRules }: Transition, start: number): void {
    const before = this.state;
    this.state = state;
    const milliseconds = performance.now() - start;
    const durationSeconds = milliseconds / 1000;
    const inForce = this.hashInForce === undefined ? {} : { configHash: this.hashInForce };
    const tookMilliseconds = Math.round(milliseconds * 10) / 10;
    if (state.kind === 'in-force') {
      this.log.info('rules in force', { changedRules, ...inForce, milliseconds: tookMilliseconds });
      this.events.ruleChange({ outcome: 'success', ...inForce, changedRules, durationSeconds });
      return;
    }
    // The file on disk is still rejected: nothing of it has taken effect.
    if (state.kind === 'rejected' && before.kind === 'waiting-for-table') {
      this.log.info('previous rules in force again', { changedRules, ...inForce, milliseconds: tookMilliseconds });
    }
    for (const error of newProblems(before, state)) {
      this.log.error('rule change rejected, keeping previous rules', { error, ...inForce });
      this.events.ruleChange({ outcome: 'failure', ...inForce, changedRules: 0, durationSeconds, error });
    }
  }

  /** Deletes connections of removed rules. A failure does not affect the rules: the next check tries again. */
  private sweep(deleteConnections: () => void): void {
    const problem = problemOf(deleteConnections);
    if (problem !== undefined && problem !== this.sweepProblem) {
      this.log.error('could not delete connections of removed rules', { error: problem });
    }
    this.sweepProblem = problem;
  }
}

/** Runs an action, and returns why the kernel or the table refuses it; the process goes on. */
function problemOf(action: () => unknown): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    const problem = error instanceof ForeignTableError ? error.message : systemFailure(error);
    if (problem === undefined) throw error;
    return printableText(problem);
  }
}
