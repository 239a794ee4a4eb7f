import { heldState, plannedState } from '../planned-state';
import type { Scenario } from '../scenario';

const LEVEL = 'pod-security.kubernetes.io/enforce';
const LONGEST = 63;

/** Namespace, router and Service with the longest names that Kubernetes accepts. */
export const longNames: Scenario = {
  name: 'the longest names',
  isLong: true,
  async run(environment) {
    environment.installPlugin();
    const egress = environment.makeNamespace('egress'.padEnd(LONGEST - 5, '-egress'));
    const name = 'partner'.padEnd(LONGEST, '-partner');
    const { yaml } = environment.synthesize(
      'standalone',
      [{ file: 'main.ts', from: "'partner'", to: `'${name}'` }],
      egress,
    );
    environment.kubectl.apply(yaml);
    const pod = await environment.rolledOut(egress, name);
    expect([egress.length, name.length]).toEqual([LONGEST, LONGEST]);
    if (environment.hasOwnCluster) expect(heldState(environment, pod)).toEqual(plannedState(yaml, `${egress}/${name}`));
    const shop = environment.makeNamespace('shop');
    await environment.startClient(shop, 'client', environment.nodeBeside(pod).name);
    const request = `tcp ${name}.${egress}.svc.cluster.local 8080`;
    expect(await environment.ask(shop, 'client', request)).toMatchObject({ peer: '192.168.12.99' });
  },
};

/**
 * Live rules need a capability, which a *restricted* namespace rejects: at synth if the level is known, else at the API
 * server.
 */
export const restricted: Scenario = {
  name: 'live rules in a restricted namespace',
  isLong: true,
  async run(environment) {
    const exchanges = environment.makeNamespace('exchanges', { [LEVEL]: 'restricted' });
    const app = 'const app = new App();';
    const namespace = `new Namespace(new Chart(app, 'admitted'), 'n', { metadata: { name: '${exchanges}', labels: { '${LEVEL}': 'restricted' } } });`;
    const edits = [
      { file: 'main.ts', from: app, to: `${app}\n${namespace}` },
      { file: 'main.ts', from: '{ Protocol }', to: '{ Namespace, Protocol }' },
    ];
    expect(() => environment.synthesize('live-rules', edits)).toThrow(
      `mode.liveRules: true needs root and the capability NET_ADMIN, which namespace "${exchanges}" refuses`,
    );
    environment.applyExample('live-rules');
    const words = ['describe', 'replicaset', `--namespace=${exchanges}`];
    await environment.until('the API server says why', () =>
      /violates PodSecurity "restricted:latest".*capabilities/.test(environment.kubectl.run(words)),
    );
    expect(environment.podsOf(exchanges, 'exchange')).toEqual([]);
  },
};
