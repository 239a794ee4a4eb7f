import { App, Chart } from 'cdk8s';
import { EgressRouter, EgressRouterCluster, Platform, RouterMode } from 'cdk8s-egress-router';
import { Protocol } from 'cdk8s-plus-28';

const cluster = new EgressRouterCluster('prod', {
  platform: Platform.OPENSTACK,
  mode: RouterMode.standalone({ image: 'registry.example.com/egress-router:0.1.0' }),
});

const app = new App();
const chart = new Chart(app, 'egress-router', { namespace: 'exchanges' });

// Root with two capabilities: the namespace needs the Pod Security level "privileged".
const router = new EgressRouter(chart, 'exchange', {
  cluster,
  addresses: [
    { ip: '192.168.12.99/24', gateway: '192.168.12.1' },
    { ip: '2001:db8:12::99/64', gateway: 'fe80::1' },
  ],
  // A change of these is in force without a restart, and other rules' connections do not notice.
  redirectRules: [
    { port: 80, protocol: Protocol.UDP, destinationIp: '203.0.113.25' },
    { port: 8080, protocol: Protocol.TCP, destinationIp: '203.0.113.26', targetPort: 80 },
    { port: 8443, protocol: Protocol.TCP, destinationIp: '203.0.113.26', targetPort: 443 },
    { port: 8443, protocol: Protocol.TCP, destinationIp: '2001:db8:113::26', targetPort: 443 },
  ],
  mode: RouterMode.standalone({ liveRules: true, ruleMetrics: true, watchConflicts: true }),
});

app.synth();
console.error(router.describe().join('\n'));
