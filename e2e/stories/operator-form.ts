import { differences } from '../kernel-state';
import { OPERATOR_DEPLOYMENT, OPERATOR_LABEL, operatorConfig, operatorObjects } from '../operator-objects';
import type { Story } from '../story';

/** The operator's objects with this plugin under them: a drop-in. */
export const operatorForm: Story = {
  name: 'operator form',
  async tell(world) {
    const { kubectl } = world;
    world.installPlugin();
    const namespace = world.makeNamespace('egress');
    const shop = world.makeNamespace('shop');
    // The CR is accepted by its schema, and comes with the Service.
    world.applyExample('okd');
    kubectl.apply(operatorObjects({ namespace }));
    kubectl.run([
      'rollout',
      'status',
      `--namespace=${namespace}`,
      `deployment/${OPERATOR_DEPLOYMENT}`,
      '--timeout=120s',
    ]);
    const [pod] = world.podsWith(namespace, OPERATOR_LABEL);
    await world.startClient(shop, 'client', world.nodeBeside(pod!).name);
    for (const request of [
      `udp egress-1.${namespace}.svc.cluster.local 80`,
      `tcp egress-1.${namespace}.svc.cluster.local 8443`,
    ])
      expect(await world.ask(shop, 'client', request)).toMatchObject({ peer: '192.168.12.99' });
    if (world.hasPower) expect(differences(world, pod!, operatorConfig({ namespace }))).toEqual([]);
  },
};
