import { setTimeout } from 'node:timers/promises';
import { Namespace } from '../../test/kernel/lab/namespace';
import { blocksOf } from '../../test/support/markdown';
import type { Environment, Pod } from '../environment';
import { pidOf } from '../kernel-state';
import type { Scenario } from '../scenario';
import { inService } from '../service';

const PAGE = 'docs/troubleshooting.md';

interface Fault {
  /** The id of doctor's finding. */
  readonly id: string;
  /** Causes the fault, in the pod's namespace or outside. @returns its undo, if a restart of the pod is not enough */
  readonly induce: (pod: Namespace, environment: Environment) => (() => void) | undefined;
}

const inPod = (id: string, ...commands: string[]): Fault => ({
  id,
  induce: (pod) => {
    for (const command of commands) pod.run('sh', '-ec', command);
    return undefined;
  },
});

const FAULTS: readonly Fault[] = [
  inPod('link', 'ip link set net1 down'),
  inPod('route', 'ip route flush table 100'),
  inPod('policy-rule', 'ip rule delete iif eth0 lookup 100'),
  inPod('forwarding', 'echo 0 > /proc/sys/net/ipv4/ip_forward'),
  {
    id: 'gateway-silent',
    induce: (_pod, { cluster }) => {
      const { namespace } = cluster.outside.gateway;
      namespace.batch('link set lan0 arp off', 'address delete 192.168.12.1/24 dev lan0');
      return () => namespace.batch('link set lan0 arp on', 'address add 192.168.12.1/24 dev lan0');
    },
  },
];

/**
 * A router does not work: `doctor`, by `kubectl exec` and without privileges, finds the reason, and its advice helps.
 */
export const debugging: Scenario = {
  name: 'doctor by kubectl exec',
  isLong: true,
  needsOwnCluster: true,
  async run(environment) {
    const { namespace, asker, ports } = await inService(environment);
    const said: Record<string, string> = {};
    for (const { id, induce } of FAULTS) {
      const router = await environment.rolledOut(namespace, 'partner');
      expect(doctor(environment, namespace, router)).toEqual({ status: 0, findings: 'egress/partner: no finding\n' });
      using inside = Namespace.ofProcess(environment.cluster.outside.unique('patient'), pidOf(environment, router));
      const undo = induce(inside, environment);
      try {
        const { status, findings } = await settled(() => doctor(environment, namespace, router), documented(id));
        expect({ id, status }).toEqual({ id, status: 1 });
        said[id] = findings;
      } finally {
        undo?.();
      }
      if (undo === undefined)
        environment.kubectl.run(['rollout', 'restart', `--namespace=${namespace}`, 'deployment/partner']);
      await environment.rolledOut(namespace, 'partner');
      await asker.answered(Date.now());
    }
    expect(said).toEqual(Object.fromEntries(FAULTS.map(({ id }) => [id, documented(id)])));
    await ports.stop();
  },
};

/** Waits for the final report: a gateway that answered a moment ago is silent a second later. */
async function settled<T extends { readonly findings: string }>(look: () => T, wanted: string | undefined): Promise<T> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const seen = look();
    if (seen.findings === wanted || performance.now() > deadline) return seen;
    await setTimeout(500);
  }
}

/** The documented report of a fault. */
function documented(id: string): string | undefined {
  return blocksOf(PAGE).find(({ text }) => text.includes(`[${id}]`))?.text;
}

/** Runs doctor. @returns its report, with the example's namespace instead of the scenario's */
function doctor({ kubectl }: Environment, namespace: string, { metadata }: Pod) {
  const words = ['exec', `--namespace=${namespace}`, metadata.name, '--', '/egress-router', 'doctor'];
  const { status, stdout, stderr } = kubectl.try(words);
  if (stdout === '') throw new Error(stderr);
  // The kernel probes a silent neighbour again now and then.
  const text = stdout.replaceAll(namespace, 'egress').replaceAll(/(its neighbour entry is) \w+/g, '$1 failed');
  const [findings] = text.split('\nNot examined:\n');
  return { status, findings: findings! };
}
