import { App, Chart } from 'cdk8s';
import { EgressRouter, EgressRouterCluster, Platform, RouterMode } from 'cdk8s-egress-router';
import { PARTNER } from './router';

// What every router of one cluster has in common is said once.
const cluster = new EgressRouterCluster('prod', {
  platform: Platform.OPENSTACK,
  mode: RouterMode.standalone({ image: 'registry.example.com/egress-router:0.1.0' }),
});

const app = new App();
const chart = new Chart(app, 'egress-router', { namespace: 'egress' });

const router = new EgressRouter(chart, 'partner', { ...PARTNER, cluster });

app.synth();
console.error(router.describe().join('\n'));
