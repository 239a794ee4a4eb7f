/**
 * `tsx bench/fleet-manifests.ts COUNT FOLDER`: the manifests of a fleet, as a GitOps repository would hold them: twenty
 * routers a namespace, a file each namespace, and a few dozen servers that they lead to.
 */
import { App, Chart } from 'cdk8s';
import { EgressRouter, EgressRouterCluster, RouterMode } from 'cdk8s-egress-router';
import { Namespaces, Protocol } from 'cdk8s-plus-28';
import { IMAGE, routerInput } from './routers/input';

const ROUTERS_A_NAMESPACE = 20;

/** Writes `count` routers below `outdir`: four objects each, and a NetworkPolicy for clients of every second one. */
export function writeFleet(count: number, outdir: string): void {
  const cluster = new EgressRouterCluster('fleet', {
    mode: RouterMode.standalone({ image: IMAGE }),
    macBudget: 65536,
  });
  const app = new App({ outdir });
  for (let first = 0; first < count; first += ROUTERS_A_NAMESPACE) {
    const namespace = `team-${String(first / ROUTERS_A_NAMESPACE).padStart(3, '0')}`;
    const chart = new Chart(app, namespace, { namespace });
    const clients = Namespaces.select(chart, 'Clients', { labels: { team: namespace } });
    for (let index = first; index < Math.min(first + ROUTERS_A_NAMESPACE, count); index++) {
      const { name, octets } = routerInput(index);
      const [partner, licences] = [`203.0.113.${10 + (index % 40)}`, `198.51.100.${10 + (index % 7)}`];
      new EgressRouter(chart, name, {
        cluster,
        addresses: [{ ip: `10.${octets.join('.')}/8`, gateway: '10.255.0.1' }],
        redirectRules: [
          { port: 8443, protocol: Protocol.TCP, destinationIp: partner, targetPort: 443 },
          { port: 27000, protocol: Protocol.TCP, destinationIp: licences },
          { port: 514, protocol: Protocol.UDP, destinationIp: licences },
        ],
        ...(index % 2 === 0 ? { allowFrom: [clients] } : {}),
      });
    }
  }
  app.synth();
}

if (require.main === module) {
  const [count, folder] = process.argv.slice(2);
  writeFleet(Number(count), folder!);
}
