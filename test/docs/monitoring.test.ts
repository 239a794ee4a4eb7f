import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { routerAlerts } from '../../src/domain/router/router-alerts';
import { dashboardQueries, MONITORING, readDashboard } from '../support/dashboard';
import { exportedMetrics, metricNamesIn } from '../support/metric-names';

/** As Grafana writes it. */
const variable = (name: string) => `\${${name}}`;
const read = (name: string) => readFileSync(join(MONITORING, name), 'utf8');

test('alerts.yaml is what EgressRouter emits, about every router', () => {
  expect(load(read('alerts.yaml'))).toEqual(routerAlerts());
});

test('an alert about one router looks at nothing else', () => {
  const [group] = routerAlerts({ namespace: 'egress', router: 'db' }).groups;
  expect(group!.rules.length).toBe(9);
  for (const { alert, expr } of group!.rules) {
    const selected = expr.match(/egress_router_\w+\{[^{}]*namespace="egress",router="db"\}/g) ?? [];
    expect([alert, selected.length]).toEqual([alert, expr.match(/egress_router_\w+/g)?.length]);
  }
});

test('alerts, dashboard and text name metrics that the router exports', async () => {
  const exported = new Set(await exportedMetrics());
  const unknown = ['alerts.yaml', 'dashboard.json'].flatMap((file) =>
    metricNamesIn(read(file))
      .filter((name) => !exported.has(name))
      .map((name) => `${file}: ${name}`),
  );
  expect(unknown).toEqual([]);
});

test("the README's tables have each metric once, and no other", async () => {
  const rows = [...read('README.md').matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name!);
  expect(rows.filter((name) => /^(egress_router|process)_/.test(name)).sort()).toEqual(
    (await exportedMetrics()).sort(),
  );
});

test("the README's table of alerts has each", () => {
  const rows = [...read('README.md').matchAll(/^\| `(EgressRouter\w+)`/gm)].map(([, name]) => name!);
  expect(rows).toEqual(routerAlerts().groups.flatMap(({ rules }) => rules.map(({ alert }) => alert)));
});

describe('the dashboard', () => {
  const dashboard = readDashboard();

  test('takes data source, namespace and router from variables', () => {
    expect(dashboard.schemaVersion).toBeGreaterThanOrEqual(36);
    expect(dashboard.templating.list.map(({ name, type }) => `${type} ${name}`)).toEqual([
      'datasource datasource',
      'query namespace',
      'query router',
    ]);
    for (const { title, targets = [] } of dashboard.panels) {
      for (const { expr, datasource } of targets) {
        expect({ title, datasource }).toEqual({
          title,
          datasource: { type: 'prometheus', uid: variable('datasource') },
        });
        // Each selector is limited to the chosen routers.
        const selectors = expr.match(/\{[^{}]*\}/g) ?? [];
        expect(selectors.length).toBeGreaterThan(0);
        for (const selector of selectors) expect(selector).toContain('namespace=~"$namespace",router=~"$router"');
      }
    }
  });

  test('has each number once: ids of panels, and places on the screen', () => {
    const { panels } = dashboard;
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const taken = new Map<string, string>();
    for (const { title, gridPos } of panels) {
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect([title, x < 24, taken.get(`${x} ${y}`)]).toEqual([title, true, undefined]);
          taken.set(`${x} ${y}`, title);
        }
      }
    }
  });

  test('leaves no variable unfilled', () => {
    for (const { expression } of dashboardQueries(dashboard)) expect(expression).not.toContain('$');
  });

  test('shows every metric but what only a person at a terminal asks for, and those of a pair', async () => {
    const shown = new Set(metricNamesIn(read('dashboard.json')));
    const missing = (await exportedMetrics()).filter((name) => !shown.has(name));
    expect(missing.filter((name) => !/^egress_router_(pair|sync)_/.test(name))).toEqual([
      'egress_router_check_problem_info',
      'egress_router_last_rule_change_duration_seconds',
      'process_start_time_seconds',
      'process_open_fds',
      'egress_router_collector_success',
      'egress_router_collector_duration_seconds',
    ]);
  });
});
