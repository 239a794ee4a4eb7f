import { join } from 'node:path';
import type { Edit } from '../../test/support/example';
import type { Environment, Pod } from '../environment';
import type { Scenario } from '../scenario';

const RULE = "{ port: 8080, protocol: Protocol.TCP, destinationIp: '203.0.113.26', targetPort: 80 },";
const HELD = "{ port: 7000, protocol: Protocol.TCP, destinationIp: '203.0.113.26' },";
const ADDED = "{ port: 9443, protocol: Protocol.TCP, destinationIp: '203.0.113.27', targetPort: 443 },";
const edit = (to: string): Edit => ({ file: 'main.ts', from: RULE, to });

interface Place {
  readonly exchanges: string;
  readonly shop: string;
}

/** Adds a rule and changes another while a connection through a third one is open, which is not affected. */
export const liveRules: Scenario = {
  name: 'live rules',
  isLong: true,
  needsOwnCluster: true,
  async run(environment) {
    const { kubectl, measurements } = environment;
    environment.installPlugin();
    const place = { exchanges: environment.makeNamespace('exchanges'), shop: environment.makeNamespace('shop') };
    const { exchanges, shop } = place;
    environment.applyExample('live-rules', [edit(`${RULE}\n${HELD}`)]);
    const router = await environment.rolledOut(exchanges, 'exchange');
    const elsewhere = environment.nodeBeside(router).name;
    await startHolding(environment, place, elsewhere);
    await environment.startClient(shop, 'client', elsewhere);

    const editing = Date.now();
    const later = environment.synthesize('live-rules', [
      edit(`${RULE.replace('targetPort: 80', 'targetPort: 443')}\n${HELD}\n${ADDED}`),
    ]);
    const applied = Date.now();
    kubectl.apply(later.yaml);
    // kubelet updates a ConfigMap in a pod once a minute, or when the pod itself changes.
    kubectl.run(['annotate', `--namespace=${exchanges}`, `pod/${router.metadata.name}`, 'scenario=live-rules']);
    const inForce = await changeInForce(environment, exchanges, router, applied);
    const inPod = fileTime(environment, router);
    measurements.seconds(
      'from the program',
      'live rules: synth → in force, kubelet notified by an annotation',
      inForce - editing,
    );
    measurements.seconds('live rules', 'apply → file in the pod, kubelet notified by an annotation', inPod - applied);
    measurements.add('live rules', 'file in the pod → in force', `${Math.round(inForce - inPod)} ms`);
    expect(await environment.ask(shop, 'client', `tcp exchange.${exchanges}.svc.cluster.local 9443`)).toMatchObject({
      peer: '192.168.12.99',
    });
    const [pod, ...others] = environment.podsOf(exchanges, 'exchange');
    expect([pod!.metadata.uid, others]).toEqual([router.metadata.uid, []]);

    const since = Date.now();
    await environment.until('the open connection is answered', () =>
      heldLines(environment, shop).some((at) => at > since),
    );
    const { status } = kubectl.get<{ status: { containerStatuses: { restartCount: number }[] } }>(
      'pod',
      'holder',
      `--namespace=${shop}`,
    );
    expect(status.containerStatuses[0]!.restartCount).toBe(0);
  },
};

/** A server that answers line by line, and a client that keeps one connection to it, through the router. */
async function startHolding(environment: Environment, { exchanges, shop }: Place, node: string): Promise<void> {
  const program = join(environment.cluster.folder, 'client');
  environment.cluster.outside.server.namespace.start([program, 'echo', '203.0.113.26', '7000'], { stdio: 'ignore' });
  await environment.startClient(shop, 'holder', node, ['hold', environment.clusterIp(exchanges, 'exchange'), '7000']);
  await environment.until('the connection is answered', () => heldLines(environment, shop).length > 3);
}

/** The times of the connection's answers. */
function heldLines({ kubectl }: Environment, shop: string): number[] {
  return kubectl
    .run(['logs', `--namespace=${shop}`, 'holder'])
    .trim()
    .split('\n')
    .map(Number);
}

/** The log line of the first change after a time. */
async function changeInForce(
  { kubectl, until }: Environment,
  exchanges: string,
  { metadata }: Pod,
  since: number,
): Promise<number> {
  return until(
    'the rules are in force',
    () => {
      const lines = kubectl
        .run(['logs', `--namespace=${exchanges}`, metadata.name])
        .trim()
        .split('\n');
      const entries = lines.map((line) => JSON.parse(line) as { time: string; message: string });
      const entry = entries.find(({ time, message }) => message === 'rules in force' && Date.parse(time) > since);
      return entry !== undefined && Date.parse(entry.time);
    },
    150,
  ) as Promise<number>;
}

/** The time when kubelet replaced the file. */
function fileTime(environment: Environment, pod: Pod): number {
  const link = `/var/lib/kubelet/pods/${pod.metadata.uid}/volumes/kubernetes.io~configmap/config/..data`;
  return Number(environment.nodeOf(pod).machine.run('stat', '--format=%.3Z', link)) * 1000;
}
