import { differences } from '../kernel-state';
import { OPERATOR_DEPLOYMENT, OPERATOR_LABEL, operatorConfig, operatorObjects } from '../operator-objects';
import type { Scenario } from '../scenario';

/** The operator's objects with this plugin as a drop-in replacement. */
export const operatorForm: Scenario = {
  name: 'operator form',
  async run(environment) {
    const { kubectl } = environment;
    environment.installPlugin();
    const namespace = environment.makeNamespace('egress');
    const shop = environment.makeNamespace('shop');
    // The CR is valid for its schema, and has a Service.
    environment.applyExample('okd');
    kubectl.apply(operatorObjects({ namespace }));
    kubectl.run([
      'rollout',
      'status',
      `--namespace=${namespace}`,
      `deployment/${OPERATOR_DEPLOYMENT}`,
      '--timeout=120s',
    ]);
    const [pod] = environment.podsWith(namespace, OPERATOR_LABEL);
    await environment.startClient(shop, 'client', environment.nodeBeside(pod!).name);
    for (const request of [
      `udp egress-1.${namespace}.svc.cluster.local 80`,
      `tcp egress-1.${namespace}.svc.cluster.local 8443`,
    ])
      expect(await environment.ask(shop, 'client', request)).toMatchObject({ peer: '192.168.12.99' });
    if (environment.hasOwnCluster) expect(differences(environment, pod!, operatorConfig({ namespace }))).toEqual([]);
  },
};
