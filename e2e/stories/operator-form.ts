import { runExample } from '../../test/support/example';
import { differences } from '../kernel-state';
import type { Story } from '../story';

const NAMESPACE = 'egress';

/**
 * What the Cluster Network Operator makes of the CR of examples/okd, less the fallback.
 *
 * @see https://github.com/openshift/cluster-network-operator/tree/master/bindata/egress-router
 */
const CONFIG = {
  cniVersion: '0.4.0',
  type: 'egress-router',
  name: 'egress-router-cni-nad',
  ip: {
    addresses: ['192.168.12.99/24'],
    destinations: ['80 UDP 203.0.113.25', '8080 TCP 203.0.113.26 80', '8443 TCP 203.0.113.26 443'],
    gateway: '192.168.12.1',
  },
  log_file: '/tmp/egress-router-log',
  log_level: 'debug',
};

const labels = { app: 'egress-router-cni' };

const DEFINITION = {
  apiVersion: 'k8s.cni.cncf.io/v1',
  kind: 'NetworkAttachmentDefinition',
  metadata: { name: 'egress-router-cni-nad', namespace: NAMESPACE },
  spec: { config: JSON.stringify(CONFIG) },
};

const DEPLOYMENT = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'egress-router-cni-deployment', namespace: NAMESPACE, labels },
  spec: {
    replicas: 1,
    selector: { matchLabels: labels },
    template: {
      metadata: { labels, annotations: { 'k8s.v1.cni.cncf.io/networks': 'egress-router-cni-nad' } },
      // The operator's image sleeps; so does this one.
      spec: { containers: [{ name: 'egress-router-cni-pod', image: 'localhost/client:1' }] },
    },
  },
};

/** The operator's objects with this plugin under them: a drop-in. */
export const operatorForm: Story = {
  name: 'operator form',
  isLong: true,
  async tell(world) {
    const { kubectl } = world;
    world.installPlugin();
    for (const namespace of [NAMESPACE, 'shop']) world.makeNamespace(namespace);
    // The CR is accepted by its schema, and comes with the Service.
    kubectl.apply(runExample('okd').yaml);
    kubectl.apply([DEFINITION, DEPLOYMENT].map((object) => JSON.stringify(object)).join('\n---\n'));
    kubectl.run([
      'rollout',
      'status',
      '--namespace=egress',
      `deployment/${DEPLOYMENT.metadata.name}`,
      '--timeout=120s',
    ]);
    const [pod] = world.podsWith(NAMESPACE, 'app=egress-router-cni');
    await world.startClient('shop', 'client', world.nodeBeside(pod!).name);
    for (const request of ['udp egress-1.egress.svc.cluster.local 80', 'tcp egress-1.egress.svc.cluster.local 8443'])
      expect(await world.ask('shop', 'client', request)).toMatchObject({ peer: '192.168.12.99' });
    expect(differences(world, pod!, CONFIG)).toEqual([]);
    world.removeNamespaces(NAMESPACE, 'shop');
  },
};
