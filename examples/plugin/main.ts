import { App, Chart } from 'cdk8s';
import { EgressRouterCluster, EgressRouterPlugin, NodeFlavour, Platform, RouterMode } from 'cdk8s-egress-router';
import { Namespace } from 'cdk8s-plus-28';

// The routers' own: examples/standalone says the same.
const cluster = new EgressRouterCluster('prod', {
  platform: Platform.OPENSTACK,
  mode: RouterMode.standalone({ image: 'registry.example.com/egress-router:0.1.0' }),
});

const app = new App();

// The plugin's pods write into the nodes' directory of plugins: a namespace of their own admits them.
const admitted = new Namespace(new Chart(app, 'namespace'), 'Namespace', {
  metadata: {
    name: 'egress-router-plugin',
    labels: { 'pod-security.kubernetes.io/enforce': 'privileged' },
  },
});

const chart = new Chart(app, 'plugin', { namespace: 'egress-router-plugin' });
chart.node.addDependency(admitted);
new EgressRouterPlugin(chart, 'egress-router-plugin', { cluster, nodeFlavour: NodeFlavour.KUBERNETES });

app.synth();
