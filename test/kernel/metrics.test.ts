import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ask } from './lab/echo';
import { DUAL_STACK, IPV4_ONLY } from './lab/network-config';
import type { PluginConfig } from './lab/plugin';
import { Scene } from './lab/scene';
import { eventually } from './support/eventually';
import { hold } from './support/hold';
import { describeOnKernel, PLUGIN } from './support/requires';

const GET = join(__dirname, 'lab/programs/get.mjs');

/** As the router's container runs by default. */
const UNPRIVILEGED = ['setpriv', '--reuid=65532', '--regid=65532', '--clear-groups', '--bounding-set=-all', '--'];

/** As a container with root and NET_ADMIN alone. */
const NET_ADMIN = ['setpriv', '--bounding-set=-all,+net_admin', '--'];

/** Starts the router's process in its pod. */
async function serve(scene: Scene, config: PluginConfig, wrapper: readonly string[], ...flags: string[]) {
  const words = [...wrapper, PLUGIN, 'serve', `--config=${JSON.stringify(config)}`, '--router=egress/db', ...flags];
  const child = scene.router.namespace.start(words, { stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
  }
  await eventually(() => expect(log).toContain('"serving"'), 20_000);
  return { log: () => log };
}

function metrics(scene: Scene): string {
  return scene.router.namespace.run(process.execPath, GET, 'http://127.0.0.1:9180/metrics');
}

/** The values of one metric, by its labels in the order of their names. */
function values(text: string, metric: string): Record<string, number> {
  const lines = text.matchAll(new RegExp(`^${metric}(?:\\{([^}]*)\\})? (\\S+)$`, 'gm'));
  const sorted = (labels: string) => (labels.match(/\w+="[^"]*"/g) ?? []).sort().join(',');
  return Object.fromEntries([...lines].map(([, labels = '', value]) => [sorted(labels), Number(value)]));
}

const labels = (protocol: string, port: number | 'any', destination: string, destinationPort: number | 'any') =>
  `destination="${destination}",destination_port="${destinationPort}",port="${port}",protocol="${protocol}"`;

const withDirection = (rule: string, direction: 'sent' | 'received') => {
  const [destination, destinationPort, ...rest] = rule.split(/,(?=\w+=)/);
  return [destination, destinationPort, `direction="${direction}"`, ...rest].join(',');
};

const WEB = labels('tcp', 8443, '203.0.113.26', 443);
const WEB6 = labels('tcp', 8443, '2001:db8:113::26', 443);
const FALLBACK = labels('any', 'any', '203.0.113.27', 'any');

/** Of a metric about destinations. */
const destinationOf = (rule: string) => rule.replace(/port="(\d+|any)",(?=protocol)/, '');

describeOnKernel('metrics of a router', ['ip', 'nft', 'setpriv', 'promtool'], () => {
  test('each rule counts its connections, packets and bytes, in the family that they came by', async () => {
    using scene = new Scene();
    await scene.serve('tcp 203.0.113.27 9000');
    const destinations = [...DUAL_STACK.destinations, '203.0.113.27'];
    const config = scene.config({ ...DUAL_STACK, destinations }, { counters: true, healthPort: 9180 });
    await scene.router.add(config);
    await serve(scene, config, NET_ADMIN, '--rule-metrics');
    const before = metrics(scene);
    expect(Object.keys(values(before, 'egress_router_rule_connections_total')).length).toBe(6);
    expect(new Set(Object.values(values(before, 'egress_router_rule_connections_total')))).toEqual(new Set([0]));

    const { client, router } = scene;
    for (let request = 0; request < 3; request++) {
      await ask(client.namespace, `tcp ${router.ipv4} 8443`, { bytes: 1000 });
    }
    await ask(client.namespace, `tcp ${router.ipv6} 8443`);
    await ask(client.namespace, `tcp ${router.ipv4} 9000`);

    let after = '';
    await eventually(() => {
      after = metrics(scene);
      expect(values(after, 'egress_router_rule_connections_total')).toMatchObject({ [WEB]: 3, [WEB6]: 1 });
    }, 10_000);
    const connections = values(after, 'egress_router_rule_connections_total');
    expect(Object.values(connections).reduce((sum, value) => sum + value)).toBe(4);
    expect(connections).not.toHaveProperty([FALLBACK]);

    const bytes = values(after, 'egress_router_rule_bytes_total');
    const packets = values(after, 'egress_router_rule_packets_total');
    expect(bytes[withDirection(WEB, 'sent')]).toBeGreaterThan(3000);
    expect(bytes[withDirection(WEB, 'sent')]).toBeLessThan(6000);
    for (const rule of [WEB, WEB6, FALLBACK]) {
      for (const direction of ['sent', 'received'] as const) {
        expect(packets[withDirection(rule, direction)]).toBeGreaterThanOrEqual(3);
      }
    }
    expect(bytes[withDirection(labels('udp', 80, '203.0.113.25', 80), 'sent')]).toBe(0);

    // A closed connection holds its port for two minutes.
    const ports = values(after, 'egress_router_source_ports_in_use');
    expect(ports[destinationOf(WEB)]).toBe(3);
    expect(ports[destinationOf(WEB6)]).toBe(1);
    expect(ports[destinationOf(FALLBACK)]).toBe(1);
    expect(ports[destinationOf(labels('tcp', 8080, '203.0.113.26', 80))]).toBe(0);
    expect(values(after, 'egress_router_source_ports_limit')).toEqual({ '': 64512 });
    expect(values(after, 'egress_router_conntrack_entries')['']).toBeGreaterThanOrEqual(5);
  });

  test('the series are those of the rules in the table, even after a foreign change', async () => {
    using scene = new Scene();
    const config = scene.config(IPV4_ONLY, { counters: true, healthPort: 9180 });
    await scene.router.add(config);
    await serve(scene, config, NET_ADMIN, '--rule-metrics');
    expect(values(metrics(scene), 'egress_router_rule_connections_total')).toHaveProperty([WEB], 0);
    const table = 'inet egress_router';
    const change = [
      `delete element ${table} marks4 { tcp . 8443 }`,
      `delete element ${table} redirect4 { tcp . 8443 }`,
      `add element ${table} redirect4 { tcp . 8443 : 203.0.113.27 . 4443 }`,
      `add element ${table} marks4 { tcp . 8443 : 0x3 }`,
    ];
    scene.router.namespace.run('nft', change.join('; '));
    await eventually(() => {
      const connections = values(metrics(scene), 'egress_router_rule_connections_total');
      expect(connections).not.toHaveProperty([WEB]);
      expect(connections).toHaveProperty([labels('tcp', 8443, '203.0.113.27', 4443)], 0);
    }, 10_000);
    scene.router.namespace.run('nft', `delete table ${table}`);
    await eventually(() => {
      const text = metrics(scene);
      expect(text).not.toContain('egress_router_rule_connections_total{');
      expect(values(text, 'egress_router_collector_success')).toEqual({
        'collector="rules"': 0,
        'collector="source_ports"': 0,
        'collector="limits"': 0,
      });
    }, 10_000);
  });

  test('what a limit of connections dropped is counted, by the limit', async () => {
    using scene = new Scene();
    await scene.serve();
    const config = scene.config(DUAL_STACK, { counters: true, healthPort: 9180, connectionsPerClient: 5 });
    await scene.router.add(config);
    await serve(scene, config, NET_ADMIN, '--rule-metrics');
    const drops = () => values(metrics(scene), 'egress_router_limit_drops_total');
    expect(drops()).toEqual({ 'limit="connections_per_client"': 0, 'limit="health_port"': 0 });
    const held = await hold(scene.client.namespace, 'tcp', scene.router.ipv4, 8443, 8);
    await held.end();
    expect(held.count).toBe(5);
    await eventually(() => {
      const { 'limit="connections_per_client"': client, 'limit="health_port"': health } = drops();
      expect(client).toBeGreaterThanOrEqual(3);
      expect(health).toBe(0);
    });
    const probes = await hold(scene.client.namespace, 'tcp', scene.router.ipv6, 9180, 70);
    await probes.end();
    await eventually(() => expect(drops()['limit="health_port"']).toBeGreaterThanOrEqual(6));
  }, 60_000);

  test('all metrics except those of rules are available without privileges', async () => {
    using scene = new Scene();
    await scene.serve();
    const config = scene.config(IPV4_ONLY, { healthPort: 9180 });
    await scene.router.add(config);
    await serve(scene, config, UNPRIVILEGED);
    await eventually(() => expect(values(metrics(scene), 'egress_router_ready')).toEqual({ '': 1 }), 10_000);
    await ask(scene.client.namespace, `tcp ${scene.router.ipv4} 8443`);
    await eventually(() => {
      expect(values(metrics(scene), 'egress_router_conntrack_entries')['']).toBeGreaterThan(0);
    }, 10_000);
    const text = metrics(scene);
    expect(values(text, 'egress_router_conntrack_entries_limit')['']).toBeGreaterThan(1000);
    expect(values(text, 'egress_router_check_ok')).toMatchObject({ 'check="gateway"': 1, 'check="link"': 1 });
    expect(text).not.toMatch(/egress_router_(rule|source_ports|collector|address_conflicts)/);
    expect(checked(text)).toEqual({ status: 0, complaints: '' });
  });

  test('a table without counters is said, and the rest is there', async () => {
    using scene = new Scene();
    const config = scene.config(IPV4_ONLY, { healthPort: 9180 });
    await scene.router.add(config);
    const { log } = await serve(scene, config, NET_ADMIN, '--rule-metrics');
    expect(values(metrics(scene), 'egress_router_collector_success')).toMatchObject({ 'collector="rules"': 0 });
    expect(metrics(scene)).toContain('egress_router_ready ');
    await eventually(() => expect(log()).toContain('table inet egress_router was made without counters'));
  });

  test('10,000 rules: 50,000 series that promtool finds nothing wrong with, made once a second', async () => {
    using scene = new Scene();
    const destinations = Array.from({ length: 10_000 }, (_, n) => `${20_000 + n} TCP 203.0.113.26 ${10_000 + n}`);
    const config = scene.config({ ...IPV4_ONLY, destinations }, { counters: true, healthPort: 9180 });
    await scene.router.add(config);
    const { destinations: _, ...withoutRules } = config.ip as Record<string, unknown>;
    await serve(scene, { ...config, ip: withoutRules }, NET_ADMIN, '--rule-metrics');
    const text = metrics(scene);
    expect((text.match(/^egress_router_rule_\w+\{/gm) ?? []).length).toBe(50_000);
    expect((text.match(/^egress_router_source_ports_in_use\{/gm) ?? []).length).toBe(10_000);
    expect(checked(text)).toEqual({ status: 0, complaints: '' });
    const seconds = Object.values(values(text, 'egress_router_collector_duration_seconds'));
    console.info(
      `10,000 rules: ${text.length} bytes, read in ${seconds.map((s) => Math.round(s * 1000)).join(' + ')} ms`,
    );
  });
});

/** What `promtool check metrics` says. */
function checked(text: string): { readonly status: number | null; readonly complaints: string } {
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { encoding: 'utf8', input: text });
  return { status, complaints: stdout + stderr };
}
