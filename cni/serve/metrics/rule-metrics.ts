import { type Host, hostsByPort } from '../../../src/domain/router/host';
import { portKey } from '../../../src/domain/values/protocol';
import type { LimitDrops } from '../../data-plane/limit-drops';
import { type Destination, type PortsInUse, SOURCE_PORTS } from '../../data-plane/source-ports';
import type { ServeLog } from '../serve-log';
import type { RuleCounters, RuleName, Traffic } from './rule-counters';
import { SeriesText } from './series-text';

/** The source of the numbers. */
export interface RuleReader {
  rules(): RuleCounters[];
  ports(rules: readonly Destination[]): PortsInUse[];
  limits(): LimitDrops[];
  /** Called after a text was written, with its number of rules. */
  onWritten(rules: number): void;
}

/** The kernel's data read at a scrape, by the values of the label `collector`. */
type Collector = 'rules' | 'source_ports' | 'limits';

interface Collected<T> {
  readonly value: T | undefined;
  readonly seconds: number;
}

const NOTHING = { value: undefined, seconds: 0 };

/**
 * Connections, packets and bytes of each rule, source ports in use, and what the limits of connections dropped. All are
 * read from the kernel at the scrape: a removed rule has no series, a new one starts at zero, and no state is kept in
 * between.
 */
export class RuleMetrics {
  private readonly problems = new Map<Collector, string>();
  private readonly series = new SeriesText();

  public constructor(
    private readonly log: ServeLog,
    private readonly reader: RuleReader,
    private readonly hosts: () => readonly Host[] = () => [],
  ) {}

  /**
   * In Prometheus' text format; valid until the next call. Data that cannot be read is omitted, as
   * `egress_router_collector_success` shows.
   */
  public text(): Uint8Array {
    const rules = this.collect('rules', () => this.reader.rules());
    // The destinations come from the rules.
    const ports = rules.value === undefined ? NOTHING : this.collectPorts(rules.value);
    const limits = this.collect('limits', () => this.reader.limits());
    const names = new HostLabels(this.hosts(), rules.value ?? []);
    const text = this.series.clear();
    if (rules.value !== undefined) writeRules(text, rules.value, names);
    if (ports.value !== undefined) writePorts(text, ports.value, names);
    if (limits.value !== undefined) writeLimits(text, limits.value);
    writeCollectors(text, { rules, source_ports: ports, limits });
    this.reader.onWritten(rules.value?.length ?? 0);
    return text.bytes;
  }

  private collectPorts(rules: readonly Destination[]): Collected<readonly PortsInUse[]> {
    return this.collect('source_ports', () => this.reader.ports(rules));
  }

  private collect<T>(collector: Collector, read: () => T): Collected<T> {
    const start = performance.now();
    const { value, problem } = attempt(read);
    if (problem !== undefined && problem !== this.problems.get(collector)) {
      this.log.warn('metrics are missing', { collector, problem });
    } else if (problem === undefined && this.problems.has(collector)) {
      this.log.info('metrics are complete again', { collector });
    }
    if (problem === undefined) this.problems.delete(collector);
    else this.problems.set(collector, problem);
    return { value, seconds: (performance.now() - start) / 1000 };
  }
}

/** A scrape must not end the router, whatever the kernel's error. */
function attempt<T>(read: () => T): { readonly value?: T; readonly problem?: string } {
  try {
    return { value: read() };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

/** The most hosts that one label names: many names may lead to one server. */
const MOST_HOSTS = 5;

/** The label `host` of rules and of destinations: without a host there is no label, which Prometheus reads as empty. */
class HostLabels {
  private readonly ofPorts: ReadonlyMap<string, string>;
  private readonly ofDestinations = new Map<string, Set<string>>();

  public constructor(hosts: readonly Host[], rules: readonly RuleCounters[]) {
    this.ofPorts = hostsByPort(hosts);
    if (this.ofPorts.size === 0) return;
    for (const rule of rules) {
      const host = this.hostOf(rule);
      if (host === undefined) continue;
      const key = destinationLabels(rule);
      const known = this.ofDestinations.get(key);
      if (known === undefined) this.ofDestinations.set(key, new Set([host]));
      else known.add(host);
    }
  }

  public rule(rule: RuleName): string {
    return hostLabel(this.hostOf(rule));
  }

  /** The hosts that lead to a destination, in the order of their names. */
  public destination(destination: Destination): string {
    const hosts = [...(this.ofDestinations.get(destinationLabels(destination)) ?? [])].sort();
    const shown = hosts.slice(0, MOST_HOSTS);
    return hostLabel([...shown, ...(shown.length < hosts.length ? ['…'] : [])].join(','));
  }

  private hostOf({ protocol, port }: RuleName): string | undefined {
    return this.ofPorts.get(portKey({ protocol: protocol.toUpperCase(), port: Number(port) }));
  }
}

/** A host's name needs no escaping. */
function hostLabel(host = ''): string {
  return host === '' ? '' : `,host="${host}"`;
}

function writeRules(text: SeriesText, rules: readonly RuleCounters[], names: HostLabels): void {
  const labelled = rules.map((rule) => ({ rule, labels: `${ruleLabels(rule)}${names.rule(rule)}` }));
  const connections = 'egress_router_rule_connections_total';
  text.metric(connections, 'counter', 'Connections of the rule. Those of a fallback are not counted.');
  for (const { rule, labels } of labelled) {
    if (rule.connections !== undefined) text.series(connections, labels, rule.connections);
  }
  traffic('egress_router_rule_packets_total', "Packets of the rule's connections.", 'packets');
  traffic('egress_router_rule_bytes_total', 'Bytes of those packets, including IP headers.', 'bytes');

  function traffic(name: string, help: string, unit: keyof Traffic): void {
    text.metric(name, 'counter', `${help} Direction sent is from clients, received is from servers.`);
    for (const { rule, labels } of labelled) {
      text.series(name, `${labels},direction="sent"`, rule.sent[unit]);
      text.series(name, `${labels},direction="received"`, rule.received[unit]);
    }
  }
}

function writePorts(text: SeriesText, ports: readonly PortsInUse[], names: HostLabels): void {
  const name = 'egress_router_source_ports_in_use';
  text.metric(name, 'gauge', 'Source ports of the reserved address in use by connections to the destination.');
  for (const each of ports) text.series(name, `${destinationLabels(each)}${names.destination(each)}`, each.connections);
  const limit = 'egress_router_source_ports_limit';
  text.metric(limit, 'gauge', 'Source ports available for one destination.').series(limit, '', SOURCE_PORTS);
}

function writeLimits(text: SeriesText, limits: readonly LimitDrops[]): void {
  const name = 'egress_router_limit_drops_total';
  text.metric(name, 'counter', 'First packets of connections, and their repeats, that a limit of connections dropped.');
  for (const { limit, packets } of limits) text.series(name, `limit="${limit}"`, packets);
}

function writeCollectors(text: SeriesText, collected: Readonly<Record<Collector, Collected<unknown>>>): void {
  const success = 'egress_router_collector_success';
  text.metric(success, 'gauge', 'Whether the last scrape could read the collector; if not, its series are missing.');
  for (const [name, { value }] of Object.entries(collected)) {
    text.series(success, `collector="${name}"`, value === undefined ? 0 : 1);
  }
  const duration = 'egress_router_collector_duration_seconds';
  text.metric(duration, 'gauge', 'Time that the last scrape took to read the collector.');
  for (const [name, { seconds }] of Object.entries(collected)) {
    text.series(duration, `collector="${name}"`, seconds);
  }
}

function ruleLabels(rule: RuleName): string {
  return `port="${rule.port}",${destinationLabels(rule)}`;
}

function destinationLabels({ protocol, destination, destinationPort }: Destination): string {
  return `protocol="${protocol}",destination="${destination}",destination_port="${destinationPort}"`;
}
