import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dashboardQueries, MONITORING, readDashboard } from '../support/dashboard';
import { Dns } from './lab/dns';
import { ask } from './lab/echo';
import { IPV4_ONLY } from './lab/network-config';
import { Scene } from './lab/scene';
import { eventually } from './support/eventually';
import { describeOnKernel, PLUGIN } from './support/requires';

const GET = join(__dirname, 'lab/programs/get.mjs');

/** Root with what every feature needs together. */
const PRIVILEGES = ['setpriv', '--bounding-set=-all,+net_admin,+net_raw', '--'];
const FEATURES = ['--live-rules', '--rule-metrics', '--watch-conflicts'];

/** A DNS server behind the gateway, and hosts that it knows: the second resolves to an address that is refused. */
const DNS_SERVER = '203.0.113.27';
const HOSTS = {
  hosts: [
    { name: 'api.bank.example', ports: ['20443 TCP 443'] },
    { name: 'api.shop.example', ports: ['20444 TCP 443'], allowedCidrs: ['203.0.113.25/32'] },
  ],
  resolver: { servers: [DNS_SERVER], source: 'reserved', clusterCidrs: ['10.96.0.0/12', '10.244.0.0/16'] },
};
const ANSWERS = {
  'api.bank.example': { A: ['203.0.113.25'], ttl: 5 },
  'api.shop.example': { A: ['203.0.113.26'], ttl: 5 },
};

/** As the documents' scrape configuration does it, but for who finds the target. */
const PROMETHEUS_CONFIG = {
  global: { scrape_interval: '1s', evaluation_interval: '1s' },
  rule_files: [join(MONITORING, 'alerts.yaml')],
  scrape_configs: [
    {
      job_name: 'egress-router',
      static_configs: [
        { targets: ['127.0.0.1:9180'], labels: { namespace: 'egress', router: 'db', pod: 'db-5f7c9-x2x2x' } },
      ],
    },
  ],
};

interface RuleAnswer {
  readonly groups: readonly { readonly rules: readonly { name: string; health: string; state: string }[] }[];
}

/** A Prometheus beside the router's process. */
class Prometheus {
  public constructor(
    private readonly scene: Scene,
    folder: string,
  ) {
    const config = join(folder, 'prometheus.yml');
    writeFileSync(config, JSON.stringify(PROMETHEUS_CONFIG));
    const words = [
      'prometheus',
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      '--web.listen-address=127.0.0.1:9090',
      '--log.level=error',
    ];
    scene.router.namespace.start(words, { stdio: ['ignore', 'ignore', 'inherit'] });
  }

  public query(expression: string): readonly { metric: Record<string, string>; value: [number, string] }[] {
    return this.get<{ result: [] }>(`query?query=${encodeURIComponent(expression)}`).result;
  }

  /** The state of each alert: `inactive`, `pending` or `firing`. */
  public alerts(): Record<string, string> {
    const rules = this.get<RuleAnswer>('rules').groups.flatMap(({ rules }) => rules);
    for (const { name, health } of rules) expect([name, health]).toEqual([name, 'ok']);
    return Object.fromEntries(rules.map(({ name, state }) => [name, state]));
  }

  private get<T>(path: string): T {
    const url = `http://127.0.0.1:9090/api/v1/${path}`;
    return JSON.parse(this.scene.router.namespace.run(process.execPath, GET, url)).data;
  }
}

describeOnKernel('a real Prometheus', ['ip', 'setpriv', 'prometheus'], () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'prometheus-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('has an answer to every query of the dashboard, and takes a silent gateway for an alert', async () => {
    using scene = new Scene();
    await scene.serve();
    const dns = await Dns.start(scene.server, DNS_SERVER);
    await dns.say(ANSWERS);
    const config = scene.config({ ...IPV4_ONLY, ...HOSTS }, { counters: true, healthPort: 9180, liveRules: true });
    await scene.router.add(config);
    const file = join(folder, 'config.json');
    writeFileSync(file, JSON.stringify(config));
    const serve = [...PRIVILEGES, PLUGIN, 'serve', `--config-file=${file}`, '--router=egress/db', ...FEATURES];
    scene.router.namespace.start(serve, { stdio: ['ignore', 'ignore', 'inherit'] });
    const prometheus = new Prometheus(scene, folder);

    await eventually(() => expect(prometheus.query('egress_router_ready')[0]?.value[1]).toBe('1'), 30_000);
    await ask(scene.client.namespace, `tcp ${scene.router.ipv4} 8443`);
    const queries = dashboardQueries(readDashboard(), '5s');
    await eventually(() => {
      const silent = queries.filter(({ expression }) => prometheus.query(expression).length === 0);
      expect(silent).toEqual([]);
    }, 30_000);
    const [bytes] = prometheus.query('sum by (router) (egress_router_rule_bytes_total{direction="sent"})');
    expect(bytes?.metric).toEqual({ router: 'db' });
    expect(Number(bytes?.value[1])).toBeGreaterThan(100);
    await eventually(() => {
      const states = prometheus.alerts();
      expect(Object.keys(states).length).toBe(9);
      const { EgressRouterHostUnresolved, ...others } = states;
      expect(EgressRouterHostUnresolved).toBe('pending');
      expect(new Set(Object.values(others))).toEqual(new Set(['inactive']));
    }, 30_000);

    // As when the gateway loses its power.
    scene.lab.gateway.namespace.batch('link set lan0 down');
    await eventually(() => {
      expect(prometheus.alerts()).toMatchObject({
        EgressRouterGatewaySilent: 'pending',
        EgressRouterDown: 'pending',
        EgressRouterAddressConflict: 'inactive',
      });
    }, 30_000);
  }, 180_000);
});
