import { heldState, plannedState } from '../planned-state';
import type { Story } from '../story';

const LEVEL = 'pod-security.kubernetes.io/enforce';
const LONGEST = 63;

/** Namespace, router and Service with names as long as Kubernetes takes them. */
export const longNames: Story = {
  name: 'the longest names',
  isLong: true,
  async tell(world) {
    world.installPlugin();
    const egress = world.makeNamespace('egress'.padEnd(LONGEST - 5, '-egress'));
    const name = 'partner'.padEnd(LONGEST, '-partner');
    const { yaml } = world.synthesize('standalone', [{ file: 'main.ts', from: "'partner'", to: `'${name}'` }], egress);
    world.kubectl.apply(yaml);
    const pod = await world.rolledOut(egress, name);
    expect([egress.length, name.length]).toEqual([LONGEST, LONGEST]);
    if (world.hasPower) expect(heldState(world, pod)).toEqual(plannedState(yaml, `${egress}/${name}`));
    const shop = world.makeNamespace('shop');
    await world.startClient(shop, 'client', world.nodeBeside(pod).name);
    const request = `tcp ${name}.${egress}.svc.cluster.local 8080`;
    expect(await world.ask(shop, 'client', request)).toMatchObject({ peer: '192.168.12.99' });
  },
};

/** Live rules need a capability, which a *restricted* namespace refuses: synth says so where it knows, and the API server where it does not. */
export const restricted: Story = {
  name: 'live rules in a restricted namespace',
  isLong: true,
  async tell(world) {
    const exchanges = world.makeNamespace('exchanges', { [LEVEL]: 'restricted' });
    const app = 'const app = new App();';
    const namespace = `new Namespace(new Chart(app, 'admitted'), 'n', { metadata: { name: '${exchanges}', labels: { '${LEVEL}': 'restricted' } } });`;
    const edits = [
      { file: 'main.ts', from: app, to: `${app}\n${namespace}` },
      { file: 'main.ts', from: '{ Protocol }', to: '{ Namespace, Protocol }' },
    ];
    expect(() => world.synthesize('live-rules', edits)).toThrow(
      `mode.liveRules: true needs root and the capability NET_ADMIN, which namespace "${exchanges}" refuses`,
    );
    world.applyExample('live-rules');
    const words = ['describe', 'replicaset', `--namespace=${exchanges}`];
    await world.until('the API server says why', () =>
      /violates PodSecurity "restricted:latest".*capabilities/.test(world.kubectl.run(words)),
    );
    expect(world.podsOf(exchanges, 'exchange')).toEqual([]);
  },
};
