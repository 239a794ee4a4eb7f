import { withoutMarks } from '../../../src/domain/data-plane/marked-rules';
import type { RouterInterfaces } from '../../../src/domain/data-plane/router-table';
import { ConfigError } from '../../../src/domain/input/issue';
import { changesBesidesRules } from '../../../src/domain/router/besides-rules';
import type { NetworkConfig } from '../../../src/domain/router/network-config';
import { NetlinkError } from '../../netlink/netlink-error';
import { type CheckResult, checkResult } from '../check-result';
import type { ServeEvents } from '../serve-events';
import type { ServeLog } from '../serve-log';
import type { ServePart } from '../serve-part';
import { ConfigFile, type ConfigVersion } from './config-file';
import { ConnectionSweep, type SweepSockets } from './connection-sweep';
import { ForeignTableError, RuleTable } from './rule-table';

export interface LiveRulesOptions {
  /** The file with the complete configuration. */
  readonly configFile: string;
  /** What the pod was made with, with or without rules; whatever else is in it stays. */
  readonly config: NetworkConfig;
  readonly interfaces: RouterInterfaces;
}

type GoodVersion = Extract<ConfigVersion, { readonly config: NetworkConfig }>;

/**
 * Keeps the kernel's rules as the file has them. A change is one transaction, then its connections are looked after. A file with
 * mistakes changes nothing, and the router stays ready with the rules that it has.
 */
export class LiveRules implements ServePart {
  private readonly file: ConfigFile;
  private readonly table: RuleTable;
  private readonly connections: ConnectionSweep;
  /** The version that should be in force. */
  private wanted: GoodVersion | undefined;
  /** Whether it is not, because of the table. */
  private isWaiting = false;
  /** Hash of the version that is in force; nothing as long as the rules are those that the kernel had. */
  private configHash: string | undefined;
  /** What is wrong with the table. */
  private problem: string | undefined;
  /** What was said last of a version, and of connections: it is said once. */
  private complaint: string | undefined;
  private connectionComplaint: string | undefined;

  /**
   * Takes over the rules that the kernel has, with their marks, and puts those of the file in force.
   *
   * @param sockets of the pod's namespace; they stay the caller's
   */
  public constructor(
    private readonly options: LiveRulesOptions,
    sockets: SweepSockets,
    private readonly log: ServeLog,
    private readonly events: Pick<ServeEvents, 'ruleChange'>,
  ) {
    const { config, configFile, interfaces } = options;
    this.table = new RuleTable(sockets.netfilter, config, interfaces);
    const { healthPort } = config.options;
    this.connections = new ConnectionSweep(sockets, { primary: interfaces.primary, healthPort });
    this.file = new ConfigFile(configFile, () => this.lookAtFile(true));
    if (!this.file.isWatched) log.warn('cannot watch config file, polling every second', { configFile });
    this.lookAtTable();
    this.lookAtFile(true);
    // What a process that was killed after its transaction did not come to.
    this.tidy(() => this.connections.sweepAll(this.table.inForce));
  }

  public [Symbol.dispose](): void {
    this.file[Symbol.dispose]();
  }

  /** The router, with the rules in force. */
  public get router(): NetworkConfig {
    return { ...this.options.config, ...withoutMarks(this.table.inForce) };
  }

  public check(): readonly CheckResult[] {
    this.lookAtTable();
    this.lookAtFile(false);
    this.tidy(() => this.connections.repeat(this.table.inForce));
    return [checkResult('rules', this.problem === undefined ? [] : [this.problem])];
  }

  private lookAtTable(): void {
    let isOther = false;
    const problem = problemOf(() => {
      isOther = this.table.refresh();
    });
    if (this.problem !== undefined && problem === undefined) this.log.info('the table matches again');
    this.problem = problem;
    if (isOther && this.wanted !== undefined && this.table.differsFrom(this.wanted.config)) this.isWaiting = true;
  }

  private lookAtFile(isCertain: boolean): void {
    const start = performance.now();
    const version = this.file.next(isCertain);
    if (version !== undefined) this.take(version, start);
    else if (this.isWaiting && this.wanted !== undefined) this.apply(this.wanted, start);
  }

  private take(version: ConfigVersion, start: number): void {
    const { configFile, config } = this.options;
    const issues = 'config' in version ? changesBesidesRules(config, version.config) : [];
    if ('problem' in version) this.fail(`${configFile}: ${version.problem}`, start);
    else if (issues.length > 0) this.fail(`${configFile}: ${new ConfigError(issues).message}`, start);
    else this.apply(version, start);
  }

  private apply(version: GoodVersion, start: number): void {
    this.wanted = version;
    const problem = problemOf(() => this.put(version, start));
    this.isWaiting = problem !== undefined;
    if (problem !== undefined) this.fail(problem, start);
  }

  private put({ config, hash }: GoodVersion, start: number): void {
    const changes = this.table.change(config);
    this.configHash = hash;
    this.complaint = undefined;
    this.tidy(() => this.connections.sweepAfter(changes));
    const milliseconds = performance.now() - start;
    this.log.info('rules in force', {
      changedRules: changes.count,
      configHash: hash,
      milliseconds: Math.round(milliseconds * 10) / 10,
    });
    this.events.ruleChange({
      outcome: 'success',
      configHash: hash,
      changedRules: changes.count,
      durationSeconds: milliseconds / 1000,
    });
  }

  /** Each reason once, however often it is met. */
  private fail(error: string, start: number): void {
    if (error === this.complaint) return;
    this.complaint = error;
    const inForce = this.configHash === undefined ? {} : { configHash: this.configHash };
    this.log.error('rule change rejected, keeping previous rules', { error, ...inForce });
    const durationSeconds = (performance.now() - start) / 1000;
    this.events.ruleChange({ outcome: 'failure', ...inForce, changedRules: 0, durationSeconds, error });
  }

  /** The rules are in force all the same: what could not be looked after is tried again. */
  private tidy(sweep: () => void): void {
    const problem = problemOf(sweep);
    if (problem !== undefined && problem !== this.connectionComplaint) {
      this.log.error('could not delete connections of removed rules', { error: problem });
    }
    this.connectionComplaint = problem;
  }
}

/** What the kernel refuses is a problem of the router, and no end of the process. */
function problemOf(action: () => unknown): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    if (error instanceof ForeignTableError || error instanceof NetlinkError) return error.message;
    throw error;
  }
}
