import { PolicyAgents } from '../policy-agents';
import type { Story } from '../story';
import type { World } from '../world';

const PARTNER = '...PARTNER, cluster';
const select = (id: string, labels: string) => `[Namespaces.select(chart, '${id}', { labels: { ${labels} } })]`;

/** Where a pod asks from, and what it reaches. */
interface Asking {
  readonly from: string;
  readonly rules: boolean;
  readonly health: boolean;
}

/** The NetworkPolicy that synth writes, enforced: clients reach the rules, scrapers the health port, and nobody else anything. */
export const policies: Story = {
  name: 'NetworkPolicy, enforced',
  isLong: true,
  needsPower: true,
  async tell(world) {
    world.installPlugin();
    const egress = world.makeNamespace('egress', { 'pod-security.kubernetes.io/enforce': 'restricted' });
    const labels = { clients: { access: 'yes' }, monitoring: { scrapes: 'yes' }, strangers: {} };
    for (const [role, own] of Object.entries(labels)) world.makeNamespace(role, own);
    const admission = [
      `allowFrom: ${select('Clients', "access: 'yes'")}`,
      `monitoring: { from: ${select('Scrapers', "scrapes: 'yes'")} }`,
    ];
    world.applyExample('standalone', [
      { file: 'main.ts', from: PARTNER, to: [PARTNER, ...admission].join(', ') },
      {
        file: 'main.ts',
        from: "from './router';",
        to: "from './router';\nimport { Namespaces } from 'cdk8s-plus-28';",
      },
    ]);
    const router = await world.rolledOut(egress, 'partner');
    const asker = world.nodeBeside(router).name;
    for (const role of Object.keys(labels)) await world.startClient(world.namespaceOf(role), 'client', asker);
    const hosts = { rules: `${world.clusterIp(egress, 'partner')} 8080`, health: `${router.status.podIP} 9180` };
    // The control: it is the agents that refuse.
    const everybody = Object.keys(labels).map((from) => ({ from, rules: true, health: true }));
    await reached(world, hosts, everybody);
    const agents = await PolicyAgents.start(world);
    try {
      await reached(world, hosts, [
        { from: 'clients', rules: true, health: false },
        { from: 'monitoring', rules: false, health: true },
        { from: 'strangers', rules: false, health: false },
      ]);
      // Its node asks whether it is ready, and no policy names a node.
      await world.pause(5000);
      expect((await world.ready(egress, 'partner')).metadata.uid).toBe(router.metadata.uid);
    } finally {
      await agents.stop();
    }
  },
};

async function reached(
  world: World,
  hosts: Readonly<Record<'rules' | 'health', string>>,
  expected: readonly Asking[],
): Promise<void> {
  let found: readonly Asking[] = [];
  const ask = (from: string, host: string) => {
    const words = ['exec', `--namespace=${world.namespaceOf(from)}`, 'client', '--', '/program', 'ask', 'tcp'];
    return world.kubectl.try([...words, ...host.split(' '), '2']);
  };
  // An agent learns of pods and policies a moment later.
  await world
    .until(
      'those are admitted who should be',
      () => {
        found = expected.map(({ from }) => ({
          from,
          rules: ask(from, hosts.rules).stdout.includes('"peer":"192.168.12.99"'),
          // It is no request that a web server takes: one that is reached ends the connection.
          health: !/i\/o timeout|refused/.test(ask(from, hosts.health).stderr),
        }));
        return JSON.stringify(found) === JSON.stringify(expected);
      },
      60,
    )
    .catch(() => undefined);
  expect(found).toEqual(expected);
}
