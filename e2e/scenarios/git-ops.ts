import type { Edit } from '../../test/support/example';
import { configOf, differences } from '../kernel-state';
import { heldState, plannedState } from '../planned-state';
import type { Scenario } from '../scenario';

/** A commit in a repository, and its effect on a client. */
interface Commit {
  readonly what: string;
  /** To `examples/standalone`. */
  readonly edits: readonly Edit[];
  readonly router?: string;
  readonly port?: number;
  readonly peer?: string;
}

const change = (from: string, to: string): Edit => ({ file: 'router.ts', from, to });

const RULE = "{ port: 8080, protocol: Protocol.TCP, destinationIp: '203.0.113.26', targetPort: 80 }";
const CHANGED = change(RULE, RULE.replace('targetPort: 80', 'targetPort: 443'));
const ADDED = change(
  `${RULE},`,
  `${RULE},\n{ port: 9443, protocol: Protocol.TCP, destinationIp: '203.0.113.27', targetPort: 443 },`,
);
const RETARGETED = change(
  RULE,
  RULE.replace('203.0.113.26', '203.0.113.27').replace('targetPort: 80', 'targetPort: 443'),
);
const MOVED = [change('192.168.12.99', '192.168.12.98'), change('2001:db8:12::99', '2001:db8:12::98')];

const COMMITS: readonly Commit[] = [
  { what: 'the first', edits: [] },
  { what: 'a rule has another port', edits: [CHANGED] },
  { what: 'a rule more', edits: [ADDED], port: 9443 },
  { what: 'a rule has another target', edits: [RETARGETED] },
  { what: 'another address, and so another MAC', edits: MOVED, peer: '192.168.12.98' },
  { what: 'rolled back to the first', edits: [] },
  {
    what: 'another name, after the old one was deleted',
    edits: [{ file: 'main.ts', from: "'partner'", to: "'associate'" }],
    router: 'associate',
  },
];

/** Applies successive commits; after each, the kernel has exactly its state. */
export const gitOps: Scenario = {
  name: 'GitOps life',
  async run(environment) {
    const { kubectl, measurements } = environment;
    environment.installPlugin();
    const egress = environment.makeNamespace('egress', { 'pod-security.kubernetes.io/enforce': 'restricted' });
    const shop = environment.makeNamespace('shop');
    await environment.startClient(shop, 'client', environment.nodes[0]!);
    let before:
      | { readonly router: string; readonly yaml: string; readonly config: Record<string, unknown> }
      | undefined;
    for (const { what, edits, router = 'partner', port = 8080, peer = '192.168.12.99' } of COMMITS) {
      const { yaml, manifests } = environment.synthesize('standalone', edits);
      const config = configOf(manifests, router);
      if (before !== undefined && before.router !== router) {
        kubectl.run(['delete', '--filename=-', '--wait', '--timeout=120s'], before.yaml);
        await environment.until('the old one is gone', () => environment.podsOf(egress, before!.router).length === 0);
      }
      const start = performance.now();
      kubectl.apply(yaml);
      const pod = await environment.rolledOut(egress, router);
      measurements.seconds('GitOps life', `apply → ready: ${what}`, performance.now() - start);
      if (environment.hasOwnCluster) {
        expect({ what, differences: differences(environment, pod, config) }).toEqual({ what, differences: [] });
        expect({ what, ...heldState(environment, pod) }).toEqual({
          what,
          ...plannedState(yaml, `${egress}/${router}`),
        });
        // Control: CHECK distinguishes the commits.
        if (before !== undefined && before.router === router)
          expect({ what, differences: differences(environment, pod, before.config) }).not.toEqual({
            what,
            differences: [],
          });
      }
      const answer = await environment.ask(shop, 'client', `tcp ${router}.${egress}.svc.cluster.local ${port}`);
      expect({ what, peer: answer.peer }).toEqual({ what, peer });
      before = { router, yaml, config };
    }
  },
};
