import { Counter, Gauge, Registry } from 'prom-client';
import type { Host } from '../../../src/domain/router/host';
import type { SyncFigures } from '../../sync/connection-sync';
import { type CheckResult, holds, isReady } from '../check-result';
import type { WatchedAddresses } from '../names/name-watch';
import type { RuleChange, ServeEvents } from '../serve-events';
import type { ServeLog } from '../serve-log';
import type { ServeOptions } from '../serve-options';
import { registerConnectionTableMetrics } from './connection-table-metrics';
import { HostMetrics } from './host-metrics';
import { type PairNumbers, registerPairMetrics } from './pair-metrics';
import { registerProcessMetrics } from './process-metrics';
import { RuleMetrics, type RuleReader } from './rule-metrics';
import { registerSyncMetrics } from './sync-metrics';

/** Milliseconds for which a text is reused, so that many scrapers cost as much as one. */
const CACHE_MS = 1000;

export interface MetricsOptions extends Pick<ServeOptions, 'liveRules' | 'ruleMetrics' | 'watchConflicts'> {
  /** Of the executable. */
  readonly version: string;
  /** Reports numbers that cannot be read. */
  readonly log: ServeLog;
  /** The source of the rules' numbers. */
  readonly reader: RuleReader;
  /** The hosts in force, asked for at each scrape; absent: none. */
  readonly hosts?: () => readonly Host[];
  /** The hosts whose addresses DNS says, asked for at each scrape; absent: none is resolved. */
  readonly names?: () => Iterable<WatchedAddresses>;
  /** The pod's part of a pair, asked for at each scrape; absent: it has no standby. */
  readonly pair?: () => PairNumbers;
  /** The sync of its open connections, asked for at each scrape; absent: it has no standby. */
  readonly sync?: () => SyncFigures;
  /** Milliseconds of a monotonic clock. */
  readonly now?: () => number;
}

/**
 * The metrics of `/metrics`. Features that are off have no series: a conflict counter of zero without `watchConflicts`
 * would be misleading.
 *
 * Counters are the kernel's own. They start at zero with the pod and with an added rule, and all of them if a live
 * change needs larger maps: Prometheus' `rate()` and `increase()` handle these resets.
 */
export class Metrics implements ServeEvents {
  private readonly registry = new Registry();
  private readonly registers = [this.registry];
  private readonly now: () => number;
  private readonly ruleMetrics: RuleMetrics | undefined;
  private readonly hostMetrics: HostMetrics | undefined;
  private cached: { readonly at: number; readonly text: Promise<Uint8Array> } | undefined;

  private readonly ready = new Gauge({
    name: 'egress_router_ready',
    help: 'Whether the router is ready: every check holds, or only warns.',
    registers: this.registers,
  });
  private readonly checkOk = new Gauge({
    name: 'egress_router_check_ok',
    help: 'Whether the check holds.',
    labelNames: ['check'],
    registers: this.registers,
  });
  private readonly problems = new Gauge({
    name: 'egress_router_check_problem_info',
    help: 'Current problems of each check.',
    labelNames: ['check', 'problem'],
    registers: this.registers,
  });
  private readonly conflicts: Counter | undefined;
  private readonly changes: RuleChangeMetrics | undefined;

  public constructor(options: MetricsOptions) {
    const { liveRules, ruleMetrics, watchConflicts, log } = options;
    this.now = options.now ?? (() => performance.now());
    this.registerInfo(options);
    if (watchConflicts) {
      this.conflicts = new Counter({
        name: 'egress_router_address_conflicts_total',
        help: 'Number of times another host was heard with a reserved address.',
        registers: this.registers,
      });
    }
    if (liveRules) this.changes = new RuleChangeMetrics(this.registry);
    if (ruleMetrics) this.ruleMetrics = new RuleMetrics(log, options.reader, options.hosts);
    if (options.names !== undefined) this.hostMetrics = new HostMetrics(options.names);
    if (options.pair !== undefined) registerPairMetrics(this.registry, options.pair);
    if (options.sync !== undefined) registerSyncMetrics(this.registry, options.sync);
    registerConnectionTableMetrics(this.registry);
    registerProcessMetrics(this.registry);
  }

  public get contentType(): string {
    return this.registry.contentType;
  }

  /** The body of `/metrics`, at most a second old; the same bytes for all clients of that second. */
  public text(): Promise<Uint8Array> {
    const at = this.now();
    if (this.cached === undefined || at - this.cached.at >= CACHE_MS) this.cached = { at, text: this.newText() };
    return this.cached.text;
  }

  public checked(results: readonly CheckResult[]): void {
    this.problems.reset();
    for (const result of results) {
      const { name: check, problems = [] } = result;
      this.checkOk.set({ check }, holds(result) ? 1 : 0);
      for (const problem of problems) this.problems.set({ check, problem }, 1);
    }
    this.ready.set(isReady(results) ? 1 : 0);
  }

  public ruleChange(change: RuleChange): void {
    this.changes?.add(change);
  }

  public conflict(): void {
    this.conflicts?.inc();
  }

  private async newText(): Promise<Uint8Array> {
    const text = Buffer.from(await this.registry.metrics());
    const parts = [this.hostMetrics?.bytes(), this.ruleMetrics?.text()].filter((part) => part !== undefined);
    return parts.length === 0 ? text : Buffer.concat([text, ...parts]);
  }

  private registerInfo({ version, liveRules, ruleMetrics, watchConflicts }: MetricsOptions): void {
    const labels = {
      version,
      live_rules: String(liveRules),
      rule_metrics: String(ruleMetrics),
      watch_conflicts: String(watchConflicts),
    };
    new Gauge({
      name: 'egress_router_info',
      help: 'Version and startup configuration of the router.',
      labelNames: Object.keys(labels),
      registers: this.registers,
    }).set(labels, 1);
  }
}

/** Counts the outcomes of rule changes. */
class RuleChangeMetrics {
  private readonly changes: Counter<'outcome'>;
  private readonly success: Gauge;
  private readonly timestamp: Gauge<'outcome'>;
  private readonly duration: Gauge;
  private readonly config: Gauge<'config_hash'>;

  public constructor(registry: Registry) {
    const registers = [registry];
    this.changes = new Counter({
      name: 'egress_router_rule_changes_total',
      help: 'Rule changes, by outcome.',
      labelNames: ['outcome'],
      registers,
    });
    for (const outcome of ['success', 'failure']) this.changes.inc({ outcome }, 0);
    this.success = new Gauge({
      name: 'egress_router_last_rule_change_success',
      help: 'Whether the last rule change is in force.',
      registers,
    });
    this.success.remove();
    this.timestamp = new Gauge({
      name: 'egress_router_last_rule_change_timestamp_seconds',
      help: 'Time of the last rule change with that outcome, in seconds since the epoch.',
      labelNames: ['outcome'],
      registers,
    });
    this.duration = new Gauge({
      name: 'egress_router_last_rule_change_duration_seconds',
      help: 'Duration of the last rule change.',
      registers,
    });
    this.duration.remove();
    this.config = new Gauge({
      name: 'egress_router_config_info',
      help: 'Hash of the configuration in force.',
      labelNames: ['config_hash'],
      registers,
    });
  }

  public add({ outcome, configHash, durationSeconds }: RuleChange): void {
    this.changes.inc({ outcome });
    this.success.set(outcome === 'success' ? 1 : 0);
    this.timestamp.set({ outcome }, Date.now() / 1000);
    this.duration.set(durationSeconds);
    this.config.reset();
    if (configHash !== undefined) this.config.set({ config_hash: configHash }, 1);
  }
}
