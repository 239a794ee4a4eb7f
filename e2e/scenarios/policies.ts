import type { Environment } from '../environment';
import { PolicyAgents } from '../policy-agents';
import type { Scenario } from '../scenario';

const PARTNER = '...PARTNER, cluster';
const select = (id: string, labels: string) => `[Namespaces.select(chart, '${id}', { labels: { ${labels} } })]`;

/** The namespace of a pod, and what it reaches. */
interface Asking {
  readonly from: string;
  readonly rules: boolean;
  readonly health: boolean;
}

/** The NetworkPolicy of synth, enforced: clients reach the rules, scrapers the health port, and other pods neither. */
export const policies: Scenario = {
  name: 'NetworkPolicy, enforced',
  isLong: true,
  needsOwnCluster: true,
  async run(environment) {
    environment.installPlugin();
    const egress = environment.makeNamespace('egress', { 'pod-security.kubernetes.io/enforce': 'restricted' });
    const labels = { clients: { access: 'yes' }, monitoring: { scrapes: 'yes' }, others: {} };
    for (const [role, own] of Object.entries(labels)) environment.makeNamespace(role, own);
    const admission = [
      `allowFrom: ${select('Clients', "access: 'yes'")}`,
      `mode: RouterMode.standalone({ monitoring: { from: ${select('Scrapers', "scrapes: 'yes'")} } })`,
    ];
    environment.applyExample('standalone', [
      { file: 'main.ts', from: PARTNER, to: [PARTNER, ...admission].join(', ') },
      {
        file: 'main.ts',
        from: "from './router';",
        to: "from './router';\nimport { Namespaces } from 'cdk8s-plus-28';",
      },
    ]);
    const router = await environment.rolledOut(egress, 'partner');
    const asker = environment.nodeBeside(router).name;
    for (const role of Object.keys(labels))
      await environment.startClient(environment.namespaceOf(role), 'client', asker);
    const hosts = { rules: `${environment.clusterIp(egress, 'partner')} 8080`, health: `${router.status.podIP} 9180` };
    // Control: the agents are the ones that reject.
    const everyClient = Object.keys(labels).map((from) => ({ from, rules: true, health: true }));
    await reached(environment, hosts, everyClient);
    await using _agents = await PolicyAgents.start(environment);
    await reached(environment, hosts, [
      { from: 'clients', rules: true, health: false },
      { from: 'monitoring', rules: false, health: true },
      { from: 'others', rules: false, health: false },
    ]);
    // Its node sends readiness probes, and no policy names a node.
    await environment.pause(5000);
    expect((await environment.ready(egress, 'partner')).metadata.uid).toBe(router.metadata.uid);
  },
};

async function reached(
  environment: Environment,
  hosts: Readonly<Record<'rules' | 'health', string>>,
  expected: readonly Asking[],
): Promise<void> {
  let found: readonly Asking[] = [];
  const ask = (from: string, host: string) => {
    const words = ['exec', `--namespace=${environment.namespaceOf(from)}`, 'client', '--', '/program', 'ask', 'tcp'];
    return environment.kubectl.try([...words, ...host.split(' '), '2']);
  };
  // An agent applies pods and policies with a delay.
  await environment
    .until(
      'those are admitted who should be',
      () => {
        found = expected.map(({ from }) => ({
          from,
          rules: ask(from, hosts.rules).stdout.includes('"peer":"192.168.12.99"'),
          // Not a valid HTTP request: a server that is reached ends the connection.
          health: !/i\/o timeout|refused/.test(ask(from, hosts.health).stderr),
        }));
        return JSON.stringify(found) === JSON.stringify(expected);
      },
      60,
    )
    .catch(() => undefined);
  expect(found).toEqual(expected);
}
