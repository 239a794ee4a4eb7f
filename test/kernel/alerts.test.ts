import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AlertRule, type AlertScope, routerAlerts } from '../../src/domain/router/router-alerts';
import { dashboardQueries, MONITORING, readDashboard } from '../support/dashboard';
import { describeOnKernel } from './support/requires';

const ROUTER = { namespace: 'egress', router: 'db' } as const;

/** Labels of one scrape target. */
const TARGET = 'namespace="egress",router="db",pod="db-1"';
const DESTINATION = 'protocol="tcp",destination="203.0.113.26",destination_port="443"';

/** Series by the minute, and what an alert makes of them. */
interface AlertCase {
  readonly name: string;
  readonly alert: string;
  /**
   * A series, and its values in promtool's notation: `1x4` is five times 1, `_` nothing, `stale` the end of the series.
   */
  readonly series: Readonly<Record<string, string>>;
  /** Whether it fires, by minutes. */
  readonly fires: Readonly<Record<number, boolean>>;
  /** Labels beside the router's. */
  readonly labels?: Readonly<Record<string, string>>;
  /** When the alert has to be about one router, or about all. */
  readonly only?: 'one router' | 'every router';
}

const READY = `egress_router_ready{${TARGET}}`;
const check = (name: string) => `egress_router_check_ok{check="${name}",${TARGET}}`;

const drops = (limit: string) => `egress_router_limit_drops_total{limit="${limit}",${TARGET}}`;

const CASES: readonly AlertCase[] = [
  {
    name: 'a router that is not ready for a minute',
    alert: 'EgressRouterDown',
    series: { [READY]: '1 1 0 0 0 1' },
    fires: { 1: false, 2: false, 3: true, 4: true, 5: false },
  },
  {
    name: 'a rollout, which takes less',
    alert: 'EgressRouterDown',
    series: { [READY]: '1 1 stale', [`egress_router_ready{${TARGET.replace('db-1', 'db-2')}}`]: '_ _ _ 1 1 1' },
    fires: { 1: false, 2: false, 3: false, 4: false, 5: false },
  },
  {
    name: 'a router whose pod is gone',
    alert: 'EgressRouterDown',
    series: { [READY]: '1 1 stale' },
    fires: { 1: false, 2: false, 3: true, 30: true },
  },
  {
    name: 'a router that was removed an hour ago',
    alert: 'EgressRouterDown',
    series: { [READY]: '1 1 stale' },
    fires: { 30: true, 62: false },
    only: 'every router',
  },
  {
    name: 'a router that never came up',
    alert: 'EgressRouterDown',
    series: { 'egress_router_ready{namespace="egress",router="licence"}': '1x5' },
    fires: { 0: false, 1: true },
    only: 'one router',
  },
  {
    name: 'a gateway that falls silent for a minute',
    alert: 'EgressRouterGatewaySilent',
    series: { [check('gateway')]: '1 0 0 0 1', [check('link')]: '0x4' },
    fires: { 1: false, 2: true, 3: true, 4: false },
  },
  {
    name: 'an address that another host holds',
    alert: 'EgressRouterAddressConflict',
    series: { [check('conflict')]: '1 0 0 1', [check('link')]: '0x3' },
    fires: { 0: false, 1: true, 2: true, 3: false },
  },
  {
    name: 'a holder who was heard and gave way',
    alert: 'EgressRouterAddressConflict',
    series: { [check('conflict')]: '1x20', [`egress_router_address_conflicts_total{${TARGET}}`]: '0 0 1x18' },
    fires: { 1: false, 2: true, 11: true, 12: false },
  },
  {
    name: 'four fifths of the source ports towards a destination',
    alert: 'EgressRouterSourcePortsRunningOut',
    series: {
      [`egress_router_source_ports_in_use{${DESTINATION},${TARGET}}`]: '51609 51610 51610 60000 51609',
      [`egress_router_source_ports_in_use{${DESTINATION.replace('443', '80')},${TARGET}}`]: '100x4',
      [`egress_router_source_ports_limit{${TARGET}}`]: '64512x4',
    },
    fires: { 0: false, 1: false, 2: true, 4: false },
    labels: { protocol: 'tcp', destination: '203.0.113.26', destination_port: '443', pod: 'db-1' },
  },
  {
    name: 'a client that stays at its limit',
    alert: 'EgressRouterLimitReached',
    series: { [drops('connections_per_client')]: '0+1x20', [drops('health_port')]: '0x20' },
    fires: { 0: false, 5: false, 6: true, 20: true },
    labels: { limit: 'connections_per_client', pod: 'db-1' },
  },
  {
    name: 'one burst of connections',
    alert: 'EgressRouterLimitReached',
    series: { [drops('connections_per_client')]: '0 0 30x18' },
    fires: { 2: false, 6: false, 7: false, 8: false, 20: false },
  },
  {
    name: 'four fifths of the entries for connections',
    alert: 'EgressRouterConntrackTableFull',
    series: {
      [`egress_router_conntrack_entries{${TARGET}}`]: '800 900 900 100',
      [`egress_router_conntrack_entries_limit{${TARGET}}`]: '1000x3',
    },
    fires: { 0: false, 1: false, 2: true, 3: false },
    labels: { pod: 'db-1' },
  },
  {
    name: 'a change that failed, until one succeeds',
    alert: 'EgressRouterRuleChangeFailed',
    series: { [`egress_router_last_rule_change_success{${TARGET}}`]: '_ 1 0 0 0 1' },
    fires: { 0: false, 1: false, 2: false, 3: true, 4: true, 5: false },
  },
  {
    name: 'a failed change of a pod that was replaced',
    alert: 'EgressRouterRuleChangeFailed',
    series: { [`egress_router_last_rule_change_success{${TARGET}}`]: '0 0 stale' },
    fires: { 1: true, 2: false },
  },
  {
    name: 'a host that does not resolve for ten minutes, until it does',
    alert: 'EgressRouterHostUnresolved',
    series: { [`egress_router_host_resolved{host="api.bank.example",${TARGET}}`]: '1 0x10 1' },
    fires: { 10: false, 11: true, 12: false },
    labels: { host: 'api.bank.example', pod: 'db-1' },
  },
  {
    name: 'counters that cannot be read for ten minutes',
    alert: 'EgressRouterMetricsIncomplete',
    series: { [`egress_router_collector_success{collector="rules",${TARGET}}`]: '0x11 1' },
    fires: { 9: false, 10: true, 12: false },
    labels: { collector: 'rules', pod: 'db-1' },
  },
];

describeOnKernel('alerts, as Prometheus evaluates them', ['promtool'], () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'alerts-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Prometheus reads YAML, of which JSON is a part. */
  function write(name: string, value: unknown): string {
    const path = join(folder, name);
    writeFileSync(path, JSON.stringify(value));
    return path;
  }

  test('Prometheus takes the file', () => {
    expect(promtool('check', 'rules', join(MONITORING, 'alerts.yaml'))).toContain('SUCCESS: 9 rules found');
  });

  test('every query of the dashboard is one', () => {
    const queries = dashboardQueries(readDashboard());
    expect(queries.length).toBeGreaterThan(15);
    const rules = queries.map(({ expression: expr }, index) => ({ record: `query${index}`, expr }));
    expect(promtool('check', 'rules', write('queries.yaml', { groups: [{ name: 'dashboard', rules }] }))).toContain(
      `SUCCESS: ${queries.length} rules found`,
    );
  });

  describe.each([
    ['every router', {}],
    ['one router', ROUTER],
  ] as const)('about %s', (kind, scope) => {
    test.each(CASES.filter(({ only }) => only === undefined || only === kind))('$alert: $name', (given) => {
      write('alerts.yaml', routerAlerts(scope));
      expect(promtool('test', 'rules', write('test.yaml', promtoolTest(given, scope)))).toContain('SUCCESS');
    });
  });

  test('each alert has a case in which it fires, and one in which it does not', () => {
    const alerts = routerAlerts().groups.flatMap(({ rules }) => rules.map(({ alert }) => alert));
    for (const fires of [true, false]) {
      const tried = CASES.filter((given) => Object.values(given.fires).includes(fires)).map(({ alert }) => alert);
      expect([...new Set(tried)].sort()).toEqual([...alerts].sort());
    }
  });
});

function promtool(...words: string[]): string {
  const { status, stdout, stderr } = spawnSync('promtool', words, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`promtool ${words.join(' ')}: exit status ${status}: ${stdout}${stderr}`);
  return stdout;
}

/** @see https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/ */
function promtoolTest({ alert, series, fires, labels = {} }: AlertCase, scope: AlertScope) {
  const rule = routerAlerts(scope).groups.flatMap(({ rules }) => rules.filter((each) => each.alert === alert))[0]!;
  const found = { ...ROUTER, ...labels };
  const firing = { exp_labels: { ...found, ...rule.labels }, exp_annotations: annotations(rule, found) };
  return {
    rule_files: ['alerts.yaml'],
    evaluation_interval: '1m',
    tests: [
      {
        interval: '1m',
        input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
        alert_rule_test: Object.entries(fires).map(([minutes, isFiring]) => ({
          eval_time: `${minutes}m`,
          alertname: alert,
          exp_alerts: isFiring ? [firing] : [],
        })),
      },
    ],
  };
}

/** The texts with their templates filled in. */
function annotations(rule: AlertRule, labels: Readonly<Record<string, string>>) {
  const filled = (text: string) =>
    text.replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, (_, name: string) => labels[name] ?? `no label ${name}`);
  return { summary: filled(rule.annotations.summary), description: filled(rule.annotations.description) };
}
