import { App, Chart } from 'cdk8s';
import * as kplus from 'cdk8s-plus-28';
import { LicenceServerAccess } from './licence-server-access';

const app = new App();
const chart = new Chart(app, 'simulation', { namespace: 'simulation' });

const solver = new kplus.Deployment(chart, 'Solver', {
  metadata: { name: 'solver' },
  containers: [{ image: 'registry.example.com/solver:7', portNumber: 8080, resources: {} }],
});

const { router, settings } = new LicenceServerAccess(chart, 'ansys-licence', {
  server: { ip: '198.51.100.7', ports: [1055, 2325] },
  sourceHost: 41,
  clients: [solver],
});
solver.containers[0]?.env.copyFrom(kplus.Env.fromConfigMap(settings));

app.synth();

// The network team opens the firewall and the port group for these two.
console.error(`${router.addresses[0]?.ip} ${router.macAddress}`);
