import { App, Chart } from 'cdk8s';
import { EgressRouter } from 'cdk8s-egress-router';
import { Protocol } from 'cdk8s-plus-28';

const app = new App();
const chart = new Chart(app, 'egress-router', { namespace: 'egress' });

const router = new EgressRouter(chart, 'egress-1', {
  addresses: [{ ip: '192.168.12.99/24', gateway: '192.168.12.1' }],
  redirectRules: [
    { port: 80, protocol: Protocol.UDP, destinationIp: '203.0.113.25' },
    { port: 8080, protocol: Protocol.TCP, destinationIp: '203.0.113.26', targetPort: 80 },
    { port: 8443, protocol: Protocol.TCP, destinationIp: '203.0.113.26', targetPort: 443 },
  ],
  fallbackIp: '203.0.113.27',
});

app.synth();
console.error(router.describe().join('\n'));
