import { App, Chart, Testing } from 'cdk8s';
import { EgressRouter, EgressRouterCluster, Platform, RouterMode } from 'cdk8s-egress-router';
import { Protocol } from 'cdk8s-plus-28';
import type { Environment } from '../environment';
import { availableMemory, mebibytes, reportPlugin, reportRouters } from '../fleet-memory';
import { PluginWatch } from '../plugin-memory';
import type { Scenario } from '../scenario';

const ROUTERS = 100;
const TEAMS = Array.from({ length: 10 }, (_, index) => `team-${index}`);

/** A hundred routers over the nodes, and none. */
export const fleet: Scenario = {
  name: 'fleet',
  isLong: true,
  needsOwnCluster: true,
  async run(environment) {
    const { kubectl, measurements } = environment;
    environment.installPlugin();
    const namespaces = TEAMS.map((team) => environment.makeNamespace(team));
    using plugin = await PluginWatch.start();
    const before = availableMemory();
    const start = performance.now();
    kubectl.apply(manifests(namespaces));
    await environment.until('every router is ready', () => readyRouters(environment) === ROUTERS, 420, 500);
    measurements.seconds('fleet', `apply → ${ROUTERS} routers ready`, performance.now() - start);
    reportPlugin(environment, await plugin.stop());
    reportRouters(environment, namespaces);
    // All memory: of the kernel, kubelet, containerd and the API server.
    const each = (before - availableMemory()) / ROUTERS;
    measurements.add('fleet', 'less memory of the whole machine for each router', mebibytes(each));
    const deleting = performance.now();
    kubectl.run(['delete', 'namespace', ...namespaces, '--timeout=300s']);
    measurements.seconds('fleet', `delete → ${ROUTERS} routers gone`, performance.now() - deleting);
    await environment
      .until('nothing of them is left on any node', () => traces(environment).length === 0, 60)
      .catch(() => undefined);
    expect(traces(environment)).toEqual([]);
  },
};

function manifests(namespaces: readonly string[]): string {
  const app = new App();
  const cluster = new EgressRouterCluster('fleet', {
    platform: Platform.BARE_METAL,
    mode: RouterMode.standalone({ image: 'registry.example.com/egress-router:0.1.0' }),
    macBudget: ROUTERS,
  });
  return namespaces
    .flatMap((namespace, team) => {
      const chart = new Chart(app, namespace, { namespace });
      for (let index = 0; index < ROUTERS / namespaces.length; index++) {
        new EgressRouter(chart, `router-${index}`, {
          cluster,
          addresses: [{ ip: `192.168.12.${100 + team * 10 + index}/24`, gateway: '192.168.12.1' }],
          redirectRules: [{ port: 8080, protocol: Protocol.TCP, destinationIp: '203.0.113.26', targetPort: 80 }],
        });
      }
      return Testing.synth(chart);
    })
    .map((object) => JSON.stringify(object))
    .join('\n---\n');
}

function readyRouters({ kubectl }: Environment): number {
  const selector = '--selector=app.kubernetes.io/name=egress-router';
  const path = '--output=jsonpath={.items[*].status.readyReplicas}';
  const text = kubectl.run(['get', 'deployments', '--all-namespaces', selector, path]).trim();
  return text === '' ? 0 : text.split(' ').length;
}

/** Objects of running routers on a node: runtimes' results, the plugin's records, interfaces. */
function traces({ cluster }: Environment): string[] {
  return cluster.workers.flatMap(({ machine, name }) => {
    const script = [
      "find /var/lib/cni /run/egress-router -name '*team-*'",
      "ip -o link show type macvlan | grep -v '^$' || true",
    ].join('; ');
    const lines = machine.run('sh', '-c', script).trim();
    return lines === '' ? [] : lines.split('\n').map((line) => `${name}: ${line}`);
  });
}
