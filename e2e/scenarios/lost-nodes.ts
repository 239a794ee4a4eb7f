import { blocksOf } from '../../test/support/markdown';
import { Asker } from '../asker';
import type { Environment } from '../environment';
import { reportFailover, watchFailover, whileLost } from '../failover';
import { OPERATOR_DEPLOYMENT, OPERATOR_LABEL, operatorObjects } from '../operator-objects';
import { Reader } from '../reader';
import type { Scenario } from '../scenario';
import { inService, type Service } from '../service';

const failover = (environment: Environment, { namespace, router }: Service) =>
  watchFailover(environment, environment.nodeOf(router), {
    pods: () => environment.podsOf(namespace, 'partner'),
    old: router,
  });

/** A node without power: with Kubernetes' default grace period (50 s), and the tolerations of the construct. */
const deadNode: Scenario = {
  name: 'dead node',
  needsOwnCluster: true,
  async run(environment) {
    const service = await inService(environment);
    const lost = environment.nodeOf(service.router);
    await whileLost(
      environment,
      lost,
      () => environment.cluster.powerOff(lost),
      async (since) => {
        const moments = await failover(environment, service);
        await reportFailover(environment, 'dead node', since, service, moments);
        expect(service.ports.turns()).toHaveLength(2);
      },
    );
    await service.ports.stop();
  },
};

/** A change while the old pod's object is on the lost node: it waits until the node is tainted out-of-service. */
async function changeMeanwhile(
  environment: Environment,
  { namespace, asker }: Service,
  taint: () => void,
): Promise<void> {
  const { kubectl, measurements } = environment;
  const since = Date.now();
  environment.applyExample('standalone', [{ file: 'router.ts', from: 'targetPort: 80 ', to: 'targetPort: 443 ' }]);
  const status = kubectl.try(['rollout', 'status', `--namespace=${namespace}`, 'deployment/partner', '--timeout=5s']);
  expect({ ...status, stderr: '' }).toMatchObject({
    status: 1,
    stdout: expect.stringContaining('Waiting for deployment'),
  });
  const tainted = Date.now();
  taint();
  await environment.rolledOut(namespace, 'partner');
  measurements.seconds('dead node', 'a change waits; out-of-service taint → in force', Date.now() - tainted);
  await asker.answered(tainted);
  measurements.seconds('dead node', 'the change: longest time without an answer', asker.longestGap(since));
}

/** The same compared with the operator's settings: RollingUpdate, and Kubernetes' default tolerations. */
const deadNodeBeside: Scenario = {
  name: 'dead node beside the settings of the operator',
  isLong: true,
  needsOwnCluster: true,
  async run(environment) {
    const service = await inService(environment);
    const lost = environment.nodeOf(service.router);
    using reader = new Reader(environment);
    const [gone, back] = blocksOf('docs/operations.md')
      .filter(({ heading, language }) => heading === 'A lost node' && language === 'sh')
      .map(({ text }) => text.replace('NODE', lost.name));
    const operator = await operatorInService(environment, lost.name);
    await whileLost(
      environment,
      lost,
      () => environment.cluster.powerOff(lost),
      async (since) => {
        const ours = await failover(environment, service);
        const gap = await reportFailover(environment, 'dead node, ours', since, service, ours);
        const theirs = await watchFailover(environment, lost, { ...operator, seconds: 450 });
        const theirGap = await reportFailover(environment, "dead node, the operator's settings", since, operator, {
          ...theirs,
          notReady: ours.notReady,
        });
        environment.measurements.add(
          'dead node',
          "the operator's settings beside ours",
          `${(theirGap / gap).toFixed(1)} ×`,
        );
        await changeMeanwhile(environment, service, () => reader.run(gone!));
      },
    );
    reader.run(back!);
    await service.ports.stop();
  },
};

/** A router as the operator makes it, on a node, with a client. */
async function operatorInService(environment: Environment, node: string) {
  const namespace = environment.makeNamespace('operator');
  environment.kubectl.apply(operatorObjects({ namespace, address: '192.168.12.98/24', node }));
  environment.kubectl.run(['expose', `--namespace=${namespace}`, `deployment/${OPERATOR_DEPLOYMENT}`, '--port=8080']);
  const words = [`--namespace=${namespace}`, `deployment/${OPERATOR_DEPLOYMENT}`, '--timeout=120s'];
  environment.kubectl.run(['rollout', 'status', ...words]);
  const pods = () => environment.podsWith(namespace, OPERATOR_LABEL);
  const old = pods()[0]!;
  expect(old.spec.nodeName).toBe(node);
  const asker = await Asker.start(environment, {
    namespace,
    name: 'asker',
    node: environment.nodeBeside(old).name,
    request: `tcp ${environment.clusterIp(namespace, OPERATOR_DEPLOYMENT)} 8080`,
  });
  return { pods, old, asker };
}

/**
 * Both cables of a node are plugged in again while its old router still runs: the address has two holders until kubelet
 * reacts.
 */
const wireCut: Scenario = {
  name: 'wire cut and returned',
  isLong: true,
  needsOwnCluster: true,
  async run(environment) {
    const { cluster, measurements } = environment;
    const service = await inService(environment);
    const lost = environment.nodeOf(service.router);
    const { returned } = await whileLost(
      environment,
      lost,
      () => cluster.cable(lost, { machines: false, lan: false }),
      async (since) => {
        const moments = await failover(environment, service);
        await reportFailover(environment, 'wire cut', since, service, moments);
      },
    );
    await environment.rolledOut(service.namespace, 'partner');
    await service.asker.answered(Date.now());
    const since = (mac?: string) =>
      service.ports.arrivals(mac).filter(({ at, port }) => at > returned && port === lost.lanPort);
    // Control: frames of the node itself arrive again.
    expect(since('')).not.toEqual([]);
    const late = since();
    const last = late.at(-1)?.at ?? returned;
    measurements.add('wire cut', 'frames of the old holder after the return', String(late.length));
    measurements.seconds('wire cut', 'return → the old holder is silent', last - returned);
    const gap = service.asker.longestGap(returned);
    measurements.seconds('wire cut', 'after the return: longest time without an answer', gap);
    await service.ports.stop();
  },
};

/**
 * The node is disconnected only from the control plane; its router still serves the LAN, so the new one must not start.
 */
const partition: Scenario = {
  name: 'partition',
  isLong: true,
  needsOwnCluster: true,
  async run(environment) {
    const { cluster, measurements } = environment;
    const service = await inService(environment);
    const lost = environment.nodeOf(service.router);
    const { returned } = await whileLost(
      environment,
      lost,
      () => cluster.cable(lost, { machines: false, lan: true }),
      async () => {
        const refused = await refusal(environment, service);
        expect(refused).toContain(
          "held by another host: e2:65:c0:a8:0c:63 answers, which is this router's own MAC address (seen from parent interface lan0)",
        );
        // It has stayed silent: the switch received frames of the old holder only.
        expect(service.ports.turns()).toEqual([lost.lanPort]);
      },
    );
    await environment.rolledOut(service.namespace, 'partner');
    const answered = await service.asker.answered(returned);
    measurements.seconds('partition', 'healed → answered again', answered - returned);
    const turns = service.ports.turns();
    expect(turns).toEqual([...new Set(turns)]);
    await service.ports.stop();
  },
};

/** The output of `kubectl describe` for the pod that detects the conflict. */
async function refusal(environment: Environment, { namespace, router }: Service): Promise<string> {
  const words = (pod: string) => ['describe', `--namespace=${namespace}`, `pod/${pod}`];
  return environment.until(
    'the new pod says who holds the address',
    () => {
      const pods = environment.podsOf(namespace, 'partner');
      const other = pods.find(({ metadata }) => metadata.uid !== router.metadata.uid);
      if (other === undefined) return false;
      const text = environment.kubectl.run(words(other.metadata.name));
      return /192\.168\.12\.99 is held by another host: \S+ answers/.test(text) && text;
    },
    240,
  ) as Promise<string>;
}

export const lostNodes: readonly Scenario[] = [deadNode, deadNodeBeside, wireCut, partition];
