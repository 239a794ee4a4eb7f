import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Edit } from '../../test/support/example';
import { type Environment, isReady } from '../environment';
import type { Scenario } from '../scenario';

const PAGE = resolve(__dirname, '..', '..', 'docs', 'troubleshooting.md');

interface Mistake {
  /** The router's. */
  readonly name: string;
  /** To `examples/standalone`. */
  readonly edits?: readonly Edit[];
  /** An edit of the manifests after synth. */
  readonly byHand?: (yaml: string) => string;
  /** Words of `kubectl describe pod` that name the cause; `docs/troubleshooting.md` quotes them. */
  readonly says: string;
}

const MISTAKES: readonly Mistake[] = [
  {
    name: 'bad-address',
    byHand: (yaml) => yaml.replace('"192.168.12.99/24",\n', '"192.168.12.999/24",\n'),
    says: 'ip.addresses[0]: "192.168.12.999/24"',
  },
  {
    name: 'no-parent',
    edits: [
      {
        file: 'main.ts',
        from: '...PARTNER, cluster',
        to: "...PARTNER, cluster, mode: RouterMode.standalone({ link: Link.macvlan({ parentInterface: 'bond0' }) })",
      },
      {
        file: 'main.ts',
        from: 'EgressRouterCluster, Platform',
        to: 'EgressRouterCluster, Link, Platform',
      },
    ],
    says: 'parent interface bond0 does not exist on this node (interfaceArgs.master)',
  },
  {
    name: 'held-address',
    says: '192.168.12.99 is held by another host:',
  },
  {
    name: 'no-image',
    edits: [
      { file: 'main.ts', from: 'egress-router:0.1.0', to: 'egress-router:9.9.9' },
      { file: 'router.ts', from: '192.168.12.99', to: '192.168.12.98' },
      { file: 'router.ts', from: '2001:db8:12::99', to: '2001:db8:12::98' },
    ],
    says: 'Failed to pull image "registry.example.com/egress-router:9.9.9"',
  },
];

/** The user's view of a mistake: `kubectl describe pod` names the cause. */
export const wrong: Scenario = {
  name: 'what is wrong is in kubectl describe',
  needsOwnCluster: true,
  async run(environment) {
    environment.installPlugin();
    const egress = environment.makeNamespace('egress');
    const { namespace: host } = environment.cluster.outside.gateway;
    host.batch('address add 192.168.12.99/24 dev lan0');
    try {
      // In parallel: they use different addresses.
      for (const mistake of MISTAKES) make(environment, mistake);
      for (const { name, says } of MISTAKES) await described(environment, egress, name, says);
    } finally {
      host.batch('address delete 192.168.12.99/24 dev lan0');
    }
    const page = readFileSync(PAGE, 'utf8');
    for (const { says } of MISTAKES) expect(page).toContain(says);
  },
};

function make(environment: Environment, { name, edits = [], byHand }: Mistake): void {
  const { yaml } = environment.synthesize('standalone', [
    ...edits,
    { file: 'main.ts', from: "'partner'", to: `'${name}'` },
  ]);
  const changed = byHand?.(yaml) ?? yaml;
  if (byHand !== undefined) expect(changed).not.toBe(yaml);
  environment.kubectl.apply(changed);
}

async function described(environment: Environment, namespace: string, name: string, says: string): Promise<void> {
  const selector = `--selector=app.kubernetes.io/instance=${name}`;
  const words = ['describe', 'pod', `--namespace=${namespace}`, selector];
  await environment.until(`${name} is described`, () => environment.kubectl.run(words).includes(says), 120);
  const [pod] = environment.podsOf(namespace, name);
  expect({ name, isReady: isReady(pod!) }).toEqual({ name, isReady: false });
}
