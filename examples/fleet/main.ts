import { join } from 'node:path';
import { App, Chart, Yaml } from 'cdk8s';
import { EgressRouter, EgressRouterCluster, Platform, Provisioning, type RedirectRule } from 'cdk8s-egress-router';

/** A line of routers.yaml: what differs from router to router, and nothing else. */
interface Line {
  readonly name: string;
  readonly namespace: string;
  readonly master: string;
  readonly ip: string;
  readonly gateway: string;
  readonly redirectRules: RedirectRule[];
}

const cluster = new EgressRouterCluster('datacentre-1', {
  platform: Platform.BARE_METAL,
  provisioning: Provisioning.STANDALONE,
  image: 'registry.example.com/egress-router:0.1.0',
  // 100 routers share a VLAN interface; these nodes' network cards filter 128 MAC addresses in hardware.
  macBudget: 128,
});

const app = new App();
const charts = new Map<string, Chart>();
const [lines] = Yaml.load(join(__dirname, 'routers.yaml')) as [Line[]];

// One chart for a namespace, not one for a router: cdk8s' own cost grows with the square of the number of charts.
for (const { name, namespace, master, ip, gateway, redirectRules } of lines) {
  const chart = charts.get(namespace) ?? new Chart(app, namespace, { namespace });
  charts.set(namespace, chart);
  new EgressRouter(chart, name, {
    cluster,
    addresses: [{ ip, gateway }],
    redirectRules,
    networkInterface: { macvlan: { master } },
  });
}

app.synth();
