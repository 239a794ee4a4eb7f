import { join } from 'node:path';
import { App, Chart } from 'cdk8s';
import { DnsResolver, EgressRouter, EgressRouterCluster, RouterMode } from 'cdk8s-egress-router';
import { Deployment } from 'cdk8s-plus-28';

const cluster = new EgressRouterCluster('prod', {
  podCidrs: ['10.244.0.0/16'],
  serviceCidrs: ['10.96.0.0/16'],
  // Each host keeps its cluster IP in the file, which is committed.
  serviceIps: { ranges: ['10.96.0.32/27'], file: join(__dirname, 'service-ips.json') },
  mode: RouterMode.standalone({ image: 'registry.example.com/egress-router:0.1.0' }),
});

const app = new App();
const chart = new Chart(app, 'egress-router', { namespace: 'partners' });

// Names that the router resolves need live rules, as root: the namespace's Pod Security level is "privileged".
const router = new EgressRouter(chart, 'partners', {
  cluster,
  mode: RouterMode.standalone({ liveRules: true, resolver: DnsResolver.servers(['192.168.12.53']) }),
  addresses: [{ ip: '192.168.12.99/24', gateway: '192.168.12.1' }],
  hosts: [
    { name: 'api.bank.example', ports: [443] }, // resolved by the router, again and again
    { name: 'db.partner.example', ports: [5432], addresses: ['203.0.113.30'] }, // fixed
    { name: 'licence.vendor.example', ports: [27000, 27001], allowedCidrs: ['198.51.100.0/24'] }, // resolved, bounded
  ],
});

// Its pods resolve the hosts to the router, and no other pod may connect to it.
const shop = new Deployment(new Chart(app, 'shop', { namespace: 'shop' }), 'shop', {
  metadata: { name: 'shop' },
  containers: [{ image: 'registry.example.com/shop:1' }],
});
router.admit(shop);

app.synth();
console.error(router.describe().join('\n'));
