import type { LimitDrops } from '../../../cni/data-plane/limit-drops';
import type { Destination } from '../../../cni/data-plane/source-ports';
import { Metrics, type MetricsOptions } from '../../../cni/serve/metrics/metrics';
import type { RuleCounters } from '../../../cni/serve/metrics/rule-counters';
import type { RuleReader } from '../../../cni/serve/metrics/rule-metrics';
import { ServeLog } from '../../../cni/serve/serve-log';
import { startState } from '../../../cni/standby/pair-state';

const RULE: RuleCounters = {
  protocol: 'tcp',
  port: '8443',
  destination: '203.0.113.26',
  destinationPort: '443',
  connections: 7,
  sent: { packets: 70, bytes: 7000 },
  received: { packets: 60, bytes: 6_000_000_000 },
};
const FALLBACK: RuleCounters = {
  protocol: 'any',
  port: 'any',
  destination: '203.0.113.99',
  destinationPort: 'any',
  sent: { packets: 1, bytes: 60 },
  received: { packets: 0, bytes: 0 },
};

/** Numbers as a test sets them, and how often they were asked for. */
class StubReader implements RuleReader {
  public scrapes = 0;
  public current: RuleCounters[] = [RULE];
  public failure: Error | undefined;

  public rules(): RuleCounters[] {
    this.scrapes++;
    if (this.failure !== undefined) throw this.failure;
    return this.current;
  }

  public onWritten(): void {}

  public limits(): LimitDrops[] {
    return [
      { limit: 'connections_per_client', packets: 12 },
      { limit: 'health_port', packets: 0 },
    ];
  }

  public ports(rules: readonly Destination[]) {
    return rules.map(({ protocol, destination, destinationPort }) => ({
      protocol,
      destination,
      destinationPort,
      connections: 3,
    }));
  }
}

function started(options: Partial<MetricsOptions> = {}) {
  const reader = new StubReader();
  const lines: Record<string, unknown>[] = [];
  const clock = { now: 5000 };
  const metrics = new Metrics({
    version: '0.1.0',
    liveRules: false,
    ruleMetrics: false,
    watchConflicts: false,
    log: new ServeLog('db', (line) => lines.push(JSON.parse(line))),
    reader,
    now: () => clock.now,
    ...options,
  });
  /** The series of a new scrape whose names begin so. */
  const series = async (prefix: string): Promise<string[]> => {
    clock.now += 1000;
    return linesOf(await metrics.text()).filter((line) => line.startsWith(prefix));
  };
  return { metrics, reader, lines, clock, series };
}

const linesOf = (text: Uint8Array): string[] => String(text).split('\n');

test('a router that was not looked at yet is not ready, and has no checks', async () => {
  const { series } = started();
  expect(await series('egress_router_ready')).toEqual(['egress_router_ready 0']);
  expect(await series('egress_router_check_ok')).toEqual([]);
});

test('ready is every check', async () => {
  const { metrics, series } = started();
  metrics.checked([{ name: 'link' }, { name: 'gateway', problems: ['192.168.12.1 does not answer'] }]);
  expect(await series('egress_router_ready')).toEqual(['egress_router_ready 0']);
  expect(await series('egress_router_check_ok')).toEqual([
    'egress_router_check_ok{check="link"} 1',
    'egress_router_check_ok{check="gateway"} 0',
  ]);
  metrics.checked([{ name: 'link' }, { name: 'gateway' }]);
  expect(await series('egress_router_ready')).toEqual(['egress_router_ready 1']);
  expect(await series('egress_router_check_ok')).toContain('egress_router_check_ok{check="gateway"} 1');
});

test('a conflict is a failed check, and leaves the router ready', async () => {
  const { metrics, series } = started();
  metrics.checked([{ name: 'link' }, { name: 'conflict', problems: ['another host claims it'] }]);
  expect(await series('egress_router_ready')).toEqual(['egress_router_ready 1']);
  expect(await series('egress_router_check_ok')).toContain('egress_router_check_ok{check="conflict"} 0');
});

test('everything that is wrong by a check is named, as long as it is', async () => {
  const { metrics, series } = started();
  expect(await series('egress_router_check_problem_info')).toEqual([]);
  metrics.checked([{ name: 'link', problems: ['net1 is down', 'net1 has the mode vepa, not "bridge"'] }]);
  expect(await series('egress_router_check_problem_info')).toEqual([
    'egress_router_check_problem_info{check="link",problem="net1 is down"} 1',
    'egress_router_check_problem_info{check="link",problem="net1 has the mode vepa, not \\"bridge\\""} 1',
  ]);
  metrics.checked([{ name: 'link', problems: ['net1 is down'] }]);
  expect(await series('egress_router_check_problem_info')).toHaveLength(1);
  metrics.checked([{ name: 'link' }]);
  expect(await series('egress_router_check_problem_info')).toEqual([]);
});

test('a feature that is off has no series', async () => {
  const { metrics, reader, series } = started();
  metrics.conflict();
  metrics.ruleChange({ outcome: 'success', configHash: 'f00d', changedRules: 1, durationSeconds: 0.01 });
  const names = new Set((await series('egress_router_')).map((line) => /^\w+/.exec(line)?.[0]));
  for (const name of names) expect(name).not.toMatch(/conflict|change|config|rule|source_ports|limit_drops|collector/);
  expect(await series('egress_router_info')).toEqual([
    'egress_router_info{version="0.1.0",live_rules="false",rule_metrics="false",watch_conflicts="false"} 1',
  ]);
  expect(reader.scrapes).toBe(0);
});

test('conflicts are counted from zero with watchConflicts', async () => {
  const { metrics, series } = started({ watchConflicts: true });
  expect(await series('egress_router_address_conflicts_total')).toEqual(['egress_router_address_conflicts_total 0']);
  metrics.conflict();
  metrics.conflict();
  expect(await series('egress_router_address_conflicts_total')).toEqual(['egress_router_address_conflicts_total 2']);
});

describe('changes of the rules', () => {
  const change = { configHash: 'f00d', changedRules: 1, durationSeconds: 0.25 } as const;

  test('before the first, nothing is said about the last', async () => {
    const { series } = started({ liveRules: true });
    expect(await series('egress_router_last_rule_change')).toEqual([]);
    expect(await series('egress_router_config_info')).toEqual([]);
    expect(await series('egress_router_rule_changes_total')).toEqual([
      'egress_router_rule_changes_total{outcome="success"} 0',
      'egress_router_rule_changes_total{outcome="failure"} 0',
    ]);
  });

  test('a failure keeps the time of the last success', async () => {
    const { metrics, series } = started({ liveRules: true });
    const before = Date.now() / 1000;
    metrics.ruleChange({ ...change, outcome: 'success' });
    metrics.ruleChange({ ...change, outcome: 'failure', error: 'ip.destinations[0]: …' });
    expect(await series('egress_router_last_rule_change_success')).toEqual([
      'egress_router_last_rule_change_success 0',
    ]);
    expect(await series('egress_router_last_rule_change_duration')).toEqual([
      'egress_router_last_rule_change_duration_seconds 0.25',
    ]);
    const times = await series('egress_router_last_rule_change_timestamp_seconds');
    expect(times.map((line) => /outcome="(\w+)"/.exec(line)?.[1])).toEqual(['success', 'failure']);
    for (const line of times) expect(Number(line.split(' ')[1])).toBeGreaterThanOrEqual(before);
  });

  test('a failure before the first success names no configuration in force', async () => {
    const { metrics, series } = started({ liveRules: true });
    metrics.ruleChange({ outcome: 'failure', changedRules: 0, durationSeconds: 0.25, error: 'is not JSON' });
    expect(await series('egress_router_last_rule_change_success')).toEqual([
      'egress_router_last_rule_change_success 0',
    ]);
    expect(await series('egress_router_config_info')).toEqual([]);
  });

  test('one configuration is in force', async () => {
    const { metrics, series } = started({ liveRules: true });
    metrics.ruleChange({ ...change, outcome: 'success' });
    metrics.ruleChange({ ...change, outcome: 'success', configHash: 'beef' });
    expect(await series('egress_router_config_info')).toEqual(['egress_router_config_info{config_hash="beef"} 1']);
  });
});

describe('rules', () => {
  test('connections, packets and bytes in each direction', async () => {
    const { series } = started({ ruleMetrics: true });
    const labels = 'port="8443",protocol="tcp",destination="203.0.113.26",destination_port="443"';
    expect(await series('egress_router_rule_')).toEqual([
      `egress_router_rule_connections_total{${labels}} 7`,
      `egress_router_rule_packets_total{${labels},direction="sent"} 70`,
      `egress_router_rule_packets_total{${labels},direction="received"} 60`,
      `egress_router_rule_bytes_total{${labels},direction="sent"} 7000`,
      `egress_router_rule_bytes_total{${labels},direction="received"} 6000000000`,
    ]);
  });

  test('the connections of a fallback are not known', async () => {
    const { reader, series } = started({ ruleMetrics: true });
    reader.current = [FALLBACK];
    expect(await series('egress_router_rule_connections_total')).toEqual([]);
    const labels = 'port="any",protocol="any",destination="203.0.113.99",destination_port="any"';
    expect(await series('egress_router_rule_bytes_total')).toContain(
      `egress_router_rule_bytes_total{${labels},direction="sent"} 60`,
    );
  });

  test('a rule of a host has its name, and a destination the names of all that lead there', async () => {
    const hosts = ['b.bank.example', 'api.bank.example'].map((name, index) => ({
      name,
      ports: [{ routerPort: 20443 + index, protocol: 'TCP' as const, port: 443 }],
      addresses: [],
    }));
    const { reader, series } = started({ ruleMetrics: true, hosts: () => hosts });
    const other = { ...RULE, destination: '203.0.113.99' };
    reader.current = [{ ...RULE, port: '20443' }, { ...RULE, port: '20444' }, other];
    const destination = 'protocol="tcp",destination="203.0.113.26",destination_port="443"';
    expect(await series('egress_router_rule_connections_total')).toEqual([
      `egress_router_rule_connections_total{port="20443",${destination},host="b.bank.example"} 7`,
      `egress_router_rule_connections_total{port="20444",${destination},host="api.bank.example"} 7`,
      'egress_router_rule_connections_total{port="8443",protocol="tcp",destination="203.0.113.99",destination_port="443"} 7',
    ]);
    expect(await series('egress_router_source_ports_in_use')).toContain(
      `egress_router_source_ports_in_use{${destination},host="api.bank.example,b.bank.example"} 3`,
    );
  });

  test('the series of a removed rule are gone', async () => {
    const { reader, series } = started({ ruleMetrics: true });
    expect((await series('egress_router_rule_')).length).toBe(5);
    reader.current = [];
    expect(await series('egress_router_rule_')).toEqual([]);
  });

  test('source ports, and how many there are', async () => {
    const { series } = started({ ruleMetrics: true });
    expect(await series('egress_router_source_ports')).toEqual([
      'egress_router_source_ports_in_use{protocol="tcp",destination="203.0.113.26",destination_port="443"} 3',
      'egress_router_source_ports_limit 64512',
    ]);
  });

  test('the drops of each limit', async () => {
    const { series } = started({ ruleMetrics: true });
    expect(await series('egress_router_limit')).toEqual([
      'egress_router_limit_drops_total{limit="connections_per_client"} 12',
      'egress_router_limit_drops_total{limit="health_port"} 0',
    ]);
  });

  test('unreadable data is missing, and reported by a metric and once in the log', async () => {
    const { reader, lines, series } = started({ ruleMetrics: true });
    reader.failure = new Error('nft list set inet egress_router sent: EPERM');
    expect(await series('egress_router_rule_')).toEqual([]);
    expect(await series('egress_router_collector_success')).toEqual([
      'egress_router_collector_success{collector="rules"} 0',
      'egress_router_collector_success{collector="source_ports"} 0',
      'egress_router_collector_success{collector="limits"} 1',
    ]);
    expect(lines).toEqual([
      expect.objectContaining({
        level: 'warn',
        router: 'db',
        message: 'metrics are missing',
        collector: 'rules',
        problem: 'nft list set inet egress_router sent: EPERM',
      }),
    ]);
    reader.failure = undefined;
    expect((await series('egress_router_rule_')).length).toBe(5);
    expect(lines.slice(1)).toEqual([
      expect.objectContaining({ level: 'info', message: 'metrics are complete again', collector: 'rules' }),
    ]);
    expect(await series('egress_router_collector_success')).toContain(
      'egress_router_collector_success{collector="source_ports"} 1',
    );
  });
});

test('ten scrapes within a second cost one', async () => {
  const { metrics, reader, clock } = started({ ruleMetrics: true });
  const first = await metrics.text();
  for (let scrape = 1; scrape < 10; scrape++) {
    clock.now += 99;
    expect(await metrics.text()).toBe(first);
  }
  expect(reader.scrapes).toBe(1);
  clock.now += 109;
  expect(await metrics.text()).not.toBe(first);
  expect(reader.scrapes).toBe(2);
});

test('every metric has a help text and a type, and every series is one of a metric', async () => {
  const { metrics, reader } = started({ ruleMetrics: true, liveRules: true, watchConflicts: true });
  reader.current = [RULE, FALLBACK];
  metrics.checked([{ name: 'link' }]);
  const lines = linesOf(await metrics.text()).filter((line) => line !== '');
  const names = (pattern: RegExp) => lines.flatMap((line) => pattern.exec(line)?.[1] ?? []);
  const declared = names(/^# TYPE (\w+) (?:counter|gauge)$/);
  expect(new Set(declared).size).toBe(declared.length);
  expect(names(/^# HELP (\w+) \S/)).toEqual(declared);
  expect(names(/^(\w+)(?:\{[^{}]*\})? [-\d.e+]+$/).every((name) => declared.includes(name))).toBe(true);
  expect(lines.every((line) => /^# (HELP|TYPE) |^\w+(\{[^{}]*\})? [-\d.e+]+$/.test(line))).toBe(true);
  expect(metrics.contentType).toBe('text/plain; version=0.0.4; charset=utf-8');
});

test('the process has the standard metrics, and nothing keeps it awake', async () => {
  const timers = jest.spyOn(globalThis, 'setInterval');
  const { series } = started();
  expect((await series('process_')).map((line) => line.split(' ')[0])).toEqual([
    'process_cpu_seconds_total',
    'process_resident_memory_bytes',
    'process_start_time_seconds',
    'process_open_fds',
  ]);
  const [, start] = (await series('process_start_time_seconds'))[0]!.split(' ');
  expect(Number(start)).toBeLessThanOrEqual(Date.now() / 1000);
  expect(Number(start)).toBeGreaterThan(Date.now() / 1000 - 3600);
  expect(timers).not.toHaveBeenCalled();
});

test('a pod of a pair has its role, epoch, takeovers and refused heartbeats', async () => {
  const start = startState({ name: 'pod-a', session: 1, lan: 'held', epoch: 3, isFenced: false }, 0);
  const pair = { state: start, takeovers: 2, refusals: new Map([['forged', 5] as const]) };
  const { series } = started({ pair: () => pair });
  const all = await series('egress_router_pair_');
  expect(all.filter((line) => line.endsWith(' 1'))).toEqual(['egress_router_pair_role{role="holder"} 1']);
  expect(all).toEqual(
    expect.arrayContaining([
      'egress_router_pair_role{role="standby"} 0',
      'egress_router_pair_epoch 3',
      'egress_router_pair_takeovers_total 2',
      'egress_router_pair_refused_beats_total{reason="forged"} 5',
      'egress_router_pair_refused_beats_total{reason="newer"} 0',
    ]),
  );
  expect(all.filter((line) => line.includes('silence'))).toEqual([]);
});
