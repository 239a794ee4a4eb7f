import type { Chart } from 'cdk8s';
import { EgressRouter, EgressRouterCluster, RouterMode } from 'cdk8s-egress-router';
import { Protocol } from 'cdk8s-plus-28';
import { IMAGE, type RouterInput } from './input';

const CLUSTER = new EgressRouterCluster('bench', {
  mode: RouterMode.standalone({ image: IMAGE }),
  // Thousands of routers on one interface: the warning would be right, and is not what is measured.
  macBudget: 65536,
});

/** One router as a user of this library writes it. */
export function ours(chart: Chart, { name, octets }: RouterInput): void {
  new EgressRouter(chart, name, {
    cluster: CLUSTER,
    addresses: [{ ip: `10.${octets.join('.')}/8`, gateway: '10.255.0.1' }],
    redirectRules: [
      { port: 80, protocol: Protocol.UDP, destinationIp: '203.0.113.25' },
      { port: 8080, protocol: Protocol.TCP, destinationIp: '203.0.113.26', targetPort: 80 },
      { port: 8443, protocol: Protocol.TCP, destinationIp: '203.0.113.26', targetPort: 443 },
    ],
  });
}
