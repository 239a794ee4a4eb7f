import { until } from '../cluster/until';
import type { Worker } from '../cluster/worker';
import type { Story } from '../story';
import type { Pod, World } from '../world';
import { inService, outOfService, type Service } from './interruptions';

interface Moments {
  notReady: number;
  evicted: number;
  replaced: number;
  ready: number;
}

/** When Kubernetes noticed, and when it had done something about it. */
async function watchFailover(world: World, lost: Worker, old: Pod): Promise<{ moments: Moments; next: Pod }> {
  const moments: Partial<Moments> = {};
  const note = (name: keyof Moments) => {
    moments[name] ??= Date.now();
  };
  const next = await until(
    'another pod is ready',
    () => {
      if (!world.cluster.isReady(lost.name)) note('notReady');
      const pods = world.podsOf('egress', 'partner');
      const was = pods.find(({ metadata }) => metadata.uid === old.metadata.uid);
      if (was === undefined || was.metadata.deletionTimestamp !== undefined) note('evicted');
      const other = pods.find(({ metadata }) => metadata.uid !== old.metadata.uid);
      if (other === undefined) return false;
      note('replaced');
      const isReady = other.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
      if (isReady) note('ready');
      return isReady === true && other;
    },
    240,
  );
  return { moments: moments as Moments, next: next as Pod };
}

async function reportFailover(world: World, story: string, cut: number, service: Service, moments: Moments) {
  const answered = await service.asker.answered(moments.ready);
  const { measurements } = world;
  measurements.seconds(story, 'node lost → Kubernetes says NotReady', moments.notReady - cut);
  measurements.seconds(story, '→ old pod evicted', moments.evicted - moments.notReady);
  measurements.seconds(story, '→ new pod ready', moments.ready - moments.evicted);
  measurements.seconds(story, '→ first answer', Math.max(0, answered - moments.ready));
  measurements.seconds(story, 'longest time without an answer', service.asker.longestGap(cut));
}

async function nodeIsBack(world: World, { name }: Worker): Promise<void> {
  await until(`${name} is ready`, () => world.cluster.isReady(name), 120);
  const onNode = ['get', 'pods', '--all-namespaces', `--field-selector=spec.nodeName=${name}`, '--output=json'];
  await until(
    'what was evicted is gone from it',
    () => {
      const { items } = JSON.parse(world.kubectl.run(onNode)) as { items: Pod[] };
      return items.every(({ metadata }) => metadata.deletionTimestamp === undefined);
    },
    120,
  );
}

/** Its processes end and its cables are dead; Kubernetes' own patience (50 s), and the tolerations of the construct. */
const deadNode: Story = {
  name: 'dead node',
  isLong: true,
  needsPower: true,
  async tell(world) {
    const { cluster } = world;
    const service = await inService(world);
    const lost = world.nodeOf(service.router);
    const cut = Date.now();
    cluster.cable(lost, { machines: false, lan: false });
    lost.machine.powerOff();
    const { moments } = await watchFailover(world, lost, service.router);
    await reportFailover(world, 'dead node', cut, service, moments);
    expect(service.ports.turns()).toHaveLength(2);
    cluster.cable(lost, { machines: true, lan: true });
    await lost.restart();
    await nodeIsBack(world, lost);
    await outOfService(world, service);
  },
};

/** Both cables of a node come back, and its old router is still running: the address has two holders until kubelet looks. */
const wireCut: Story = {
  name: 'wire cut and returned',
  isLong: true,
  needsPower: true,
  async tell(world) {
    const { cluster } = world;
    const service = await inService(world);
    const lost = world.nodeOf(service.router);
    const cut = Date.now();
    cluster.cable(lost, { machines: false, lan: false });
    const { moments } = await watchFailover(world, lost, service.router);
    await reportFailover(world, 'wire cut', cut, service, moments);
    const returned = Date.now();
    cluster.cable(lost, { machines: true, lan: true });
    await nodeIsBack(world, lost);
    await world.rolledOut('egress', 'partner');
    await service.asker.answered(Date.now());
    const late = service.ports.arrivals().filter(({ at, port }) => at > returned && port === lost.lanPort);
    const last = late.at(-1)?.at ?? returned;
    world.measurements.add('wire cut', 'frames of the old holder after the return', String(late.length));
    world.measurements.seconds('wire cut', 'return → the old holder is silent', last - returned);
    world.measurements.seconds(
      'wire cut',
      'after the return: longest time without an answer',
      service.asker.longestGap(returned),
    );
    // Generous: the goal is 5 s on a quiet machine.
    expect(last - returned).toBeLessThan(60_000);
    await outOfService(world, service);
  },
};

/** The node is cut off from the control plane only; its router still serves the LAN, so the new one has to stay out. */
const partition: Story = {
  name: 'partition',
  isLong: true,
  needsPower: true,
  async tell(world) {
    const { cluster, kubectl } = world;
    const service = await inService(world);
    const lost = world.nodeOf(service.router);
    cluster.cable(lost, { machines: false, lan: true });
    const refused = await until(
      'the new pod says who holds the address',
      () => {
        const other = world
          .podsOf('egress', 'partner')
          .find(({ metadata }) => metadata.uid !== service.router.metadata.uid);
        if (other === undefined) return false;
        const text = kubectl.run(['describe', '--namespace=egress', `pod/${other.metadata.name}`]);
        return /192\.168\.12\.99 is held by somebody else: \S+ answers/.test(text) && text;
      },
      240,
    );
    expect(refused).toContain('held by somebody else: e2:65:c0:a8:0c:63 answers (seen from parent interface lan0)');
    // It has stayed silent: the switch heard the old holder only.
    expect(service.ports.turns()).toEqual([lost.lanPort]);
    const healed = Date.now();
    cluster.cable(lost, { machines: true, lan: true });
    await nodeIsBack(world, lost);
    await world.rolledOut('egress', 'partner');
    const answered = await service.asker.answered(healed);
    world.measurements.seconds('partition', 'healed → answered again', answered - healed);
    const turns = service.ports.turns();
    expect(turns).toEqual([...new Set(turns)]);
    await outOfService(world, service);
  },
};

export const lostNodes: readonly Story[] = [deadNode, wireCut, partition];
