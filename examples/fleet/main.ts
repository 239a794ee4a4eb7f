import { join } from 'node:path';
import { App, Chart, Yaml } from 'cdk8s';
import {
  EgressRouter,
  EgressRouterCluster,
  EgressRouterNetwork,
  Platform,
  type RedirectRule,
  RouterMode,
} from 'cdk8s-egress-router';
import type { Protocol } from 'cdk8s-plus-28';

/** The routers of a team, by name: what differs from router to router, and nothing else. */
interface Team {
  readonly network: keyof typeof NETWORKS;
  readonly routers: Record<string, { readonly ip: string; readonly rules: string[] }>;
}

const CLUSTER = new EgressRouterCluster('datacentre-1', {
  platform: Platform.BARE_METAL,
  mode: RouterMode.standalone({ image: 'registry.example.com/egress-router:0.1.0' }),
  podCidrs: ['10.244.0.0/16'],
  serviceCidrs: ['10.96.0.0/12'],
  // 100 routers share a VLAN interface; these nodes' network cards filter 128 MAC addresses in hardware.
  macBudget: 128,
});

const NETWORKS = { vlan120: vlan(120), vlan121: vlan(121) };

function vlan(id: number): EgressRouterNetwork {
  const subnets = [{ cidr: `192.168.${id}.0/24`, gateway: `192.168.${id}.1` }];
  return new EgressRouterNetwork(CLUSTER, { subnets, parentInterface: `bond0.${id}` });
}

/** `8443 TCP 203.0.113.60 443`. What is wrong with it, synth says. */
function rule(text: string): RedirectRule {
  const [port, protocol, destinationIp, targetPort = port] = text.split(' ') as [string, Protocol, string, string?];
  return { port: Number(port), protocol, destinationIp, targetPort: Number(targetPort) };
}

const app = new App();
const [teams] = Yaml.load(join(__dirname, 'routers.yaml')) as [Record<string, Team>];

// One chart for a namespace, not one for a router: cdk8s' own cost grows with the square of the number of charts.
for (const [namespace, { network, routers }] of Object.entries(teams)) {
  const chart = new Chart(app, namespace, { namespace });
  for (const [name, { ip, rules }] of Object.entries(routers)) {
    new EgressRouter(chart, name, { network: NETWORKS[network], addresses: [{ ip }], redirectRules: rules.map(rule) });
  }
}

app.synth();
