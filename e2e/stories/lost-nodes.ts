import { blocksOf } from '../../test/support/markdown';
import { Asker } from '../asker';
import { reportFailover, watchFailover, whileLost } from '../failover';
import { OPERATOR_DEPLOYMENT, OPERATOR_LABEL, operatorObjects } from '../operator-objects';
import { Reader } from '../reader';
import { inService, type Service } from '../service';
import type { Story } from '../story';
import type { World } from '../world';

const failover = (world: World, { namespace, router }: Service) =>
  watchFailover(world, world.nodeOf(router), { pods: () => world.podsOf(namespace, 'partner'), old: router });

/** Its processes end and its cables are dead; Kubernetes' own patience (50 s), and the tolerations of the construct. */
const deadNode: Story = {
  name: 'dead node',
  needsPower: true,
  async tell(world) {
    const service = await inService(world);
    const lost = world.nodeOf(service.router);
    await whileLost(
      world,
      lost,
      () => world.cluster.powerOff(lost),
      async (since) => {
        const moments = await failover(world, service);
        await reportFailover(world, 'dead node', since, service, moments);
        expect(service.ports.turns()).toHaveLength(2);
      },
    );
    await service.ports.stop();
  },
};

/** A change while the old pod's object is on the lost node: it waits until Kubernetes is told that the node is off. */
async function changeMeanwhile(world: World, { namespace, asker }: Service, tell: () => void): Promise<void> {
  const { kubectl, measurements } = world;
  const since = Date.now();
  world.applyExample('standalone', [{ file: 'router.ts', from: 'targetPort: 80 ', to: 'targetPort: 443 ' }]);
  const status = kubectl.try(['rollout', 'status', `--namespace=${namespace}`, 'deployment/partner', '--timeout=5s']);
  expect({ ...status, stderr: '' }).toMatchObject({
    status: 1,
    stdout: expect.stringContaining('Waiting for deployment'),
  });
  const told = Date.now();
  tell();
  await world.rolledOut(namespace, 'partner');
  measurements.seconds('dead node', 'a change waits; out-of-service told → in force', Date.now() - told);
  await asker.answered(told);
  measurements.seconds('dead node', 'the change: longest time without an answer', asker.longestGap(since));
}

/** The same with the operator's settings beside ours: RollingUpdate, and the tolerations that Kubernetes gives every pod. */
const deadNodeBeside: Story = {
  name: 'dead node beside the settings of the operator',
  isLong: true,
  needsPower: true,
  async tell(world) {
    const service = await inService(world);
    const lost = world.nodeOf(service.router);
    using reader = new Reader(world);
    const [gone, back] = blocksOf('docs/operations.md')
      .filter(({ heading, language }) => heading === 'A lost node' && language === 'sh')
      .map(({ text }) => text.replace('NODE', lost.name));
    const operator = await operatorInService(world, lost.name);
    await whileLost(
      world,
      lost,
      () => world.cluster.powerOff(lost),
      async (since) => {
        const ours = await failover(world, service);
        const gap = await reportFailover(world, 'dead node, ours', since, service, ours);
        const theirs = await watchFailover(world, lost, { ...operator, seconds: 450 });
        const theirGap = await reportFailover(world, "dead node, the operator's settings", since, operator, {
          ...theirs,
          notReady: ours.notReady,
        });
        world.measurements.add('dead node', "the operator's settings beside ours", `${(theirGap / gap).toFixed(1)} ×`);
        await changeMeanwhile(world, service, () => reader.run(gone!));
      },
    );
    reader.run(back!);
    await service.ports.stop();
  },
};

/** A router as the operator makes it, on a node, and somebody who asks through it. */
async function operatorInService(world: World, node: string) {
  const namespace = world.makeNamespace('operator');
  world.kubectl.apply(operatorObjects({ namespace, address: '192.168.12.98/24', node }));
  world.kubectl.run(['expose', `--namespace=${namespace}`, `deployment/${OPERATOR_DEPLOYMENT}`, '--port=8080']);
  const words = [`--namespace=${namespace}`, `deployment/${OPERATOR_DEPLOYMENT}`, '--timeout=120s'];
  world.kubectl.run(['rollout', 'status', ...words]);
  const pods = () => world.podsWith(namespace, OPERATOR_LABEL);
  const old = pods()[0]!;
  expect(old.spec.nodeName).toBe(node);
  const asker = await Asker.start(world, {
    namespace,
    name: 'asker',
    node: world.nodeBeside(old).name,
    request: `tcp ${world.clusterIp(namespace, OPERATOR_DEPLOYMENT)} 8080`,
  });
  return { pods, old, asker };
}

/** Both cables of a node come back, and its old router is still running: the address has two holders until kubelet looks. */
const wireCut: Story = {
  name: 'wire cut and returned',
  isLong: true,
  needsPower: true,
  async tell(world) {
    const { cluster, measurements } = world;
    const service = await inService(world);
    const lost = world.nodeOf(service.router);
    const { returned } = await whileLost(
      world,
      lost,
      () => cluster.cable(lost, { machines: false, lan: false }),
      async (since) => {
        const moments = await failover(world, service);
        await reportFailover(world, 'wire cut', since, service, moments);
      },
    );
    await world.rolledOut(service.namespace, 'partner');
    await service.asker.answered(Date.now());
    const since = (mac?: string) =>
      service.ports.arrivals(mac).filter(({ at, port }) => at > returned && port === lost.lanPort);
    // The control: the node itself is heard again.
    expect(since('')).not.toEqual([]);
    const late = since();
    const last = late.at(-1)?.at ?? returned;
    measurements.add('wire cut', 'frames of the old holder after the return', String(late.length));
    measurements.seconds('wire cut', 'return → the old holder is silent', last - returned);
    const gap = service.asker.longestGap(returned);
    measurements.seconds('wire cut', 'after the return: longest time without an answer', gap);
    // Generous: the goal is 5 s on a quiet machine.
    expect(last - returned).toBeLessThan(60_000);
    await service.ports.stop();
  },
};

/** The node is cut off from the control plane only; its router still serves the LAN, so the new one has to stay out. */
const partition: Story = {
  name: 'partition',
  isLong: true,
  needsPower: true,
  async tell(world) {
    const { cluster, measurements } = world;
    const service = await inService(world);
    const lost = world.nodeOf(service.router);
    const { returned } = await whileLost(
      world,
      lost,
      () => cluster.cable(lost, { machines: false, lan: true }),
      async () => {
        const refused = await refusal(world, service);
        expect(refused).toContain('held by another host: e2:65:c0:a8:0c:63 answers (seen from parent interface lan0)');
        // It has stayed silent: the switch heard the old holder only.
        expect(service.ports.turns()).toEqual([lost.lanPort]);
      },
    );
    await world.rolledOut(service.namespace, 'partner');
    const answered = await service.asker.answered(returned);
    measurements.seconds('partition', 'healed → answered again', answered - returned);
    const turns = service.ports.turns();
    expect(turns).toEqual([...new Set(turns)]);
    await service.ports.stop();
  },
};

/** What `kubectl describe` says of the pod that finds the address held. */
async function refusal(world: World, { namespace, router }: Service): Promise<string> {
  const words = (pod: string) => ['describe', `--namespace=${namespace}`, `pod/${pod}`];
  return world.until(
    'the new pod says who holds the address',
    () => {
      const pods = world.podsOf(namespace, 'partner');
      const other = pods.find(({ metadata }) => metadata.uid !== router.metadata.uid);
      if (other === undefined) return false;
      const text = world.kubectl.run(words(other.metadata.name));
      return /192\.168\.12\.99 is held by another host: \S+ answers/.test(text) && text;
    },
    240,
  ) as Promise<string>;
}

export const lostNodes: readonly Story[] = [deadNode, deadNodeBeside, wireCut, partition];
