import { until } from './cluster/until';
import type { Worker } from './cluster/worker';
import { type Environment, isReady, type Pod } from './environment';
import type { Service } from './service';

/** The times of Kubernetes' detection and reactions, in milliseconds since the epoch. */
export interface Moments {
  notReady: number;
  evicted: number;
  ready: number;
}

/** Waits until a router is ready elsewhere than on a lost node. */
export async function watchFailover(
  environment: Environment,
  lost: Worker,
  { pods, old, seconds = 240 }: { readonly pods: () => readonly Pod[]; readonly old: Pod; readonly seconds?: number },
): Promise<Moments> {
  const moments: Partial<Moments> = {};
  const note = (name: keyof Moments) => {
    moments[name] ??= Date.now();
  };
  const another = () => {
    if (!environment.cluster.isReady(lost.name)) note('notReady');
    const all = pods();
    const was = all.find(({ metadata }) => metadata.uid === old.metadata.uid);
    if (was === undefined || was.metadata.deletionTimestamp !== undefined) note('evicted');
    const other = all.find(({ metadata }) => metadata.uid !== old.metadata.uid);
    if (other === undefined || !isReady(other)) return false;
    note('ready');
    return true;
  };
  await until('another pod is ready', another, seconds);
  return moments as Moments;
}

/** Records the phases of a failover. @param lost the time of the loss @returns the longest time without an answer */
export async function reportFailover(
  environment: Environment,
  scenario: string,
  lost: number,
  { asker }: Pick<Service, 'asker'>,
  { notReady, evicted, ready }: Moments,
): Promise<number> {
  const answered = await asker.answered(ready);
  const seconds = (what: string, from: number, to: number) =>
    environment.measurements.seconds(scenario, what, Math.max(0, to - from));
  seconds('node lost → Kubernetes says NotReady', lost, notReady);
  seconds('→ old pod evicted', notReady, evicted);
  seconds('→ new pod ready', evicted, ready);
  seconds('→ first answer', ready, answered);
  const gap = asker.longestGap(lost);
  environment.measurements.seconds(scenario, 'longest time without an answer', gap);
  return gap;
}

/** Loses a node during an action, and restores it even if that fails. @returns the time of its return */
export async function whileLost<T>(
  environment: Environment,
  lost: Worker,
  lose: () => void,
  scenario: (since: number) => Promise<T>,
): Promise<{ readonly result: T; readonly returned: number }> {
  const since = Date.now();
  let returned = since;
  try {
    lose();
    const result = await scenario(since);
    returned = Date.now();
    return { result, returned };
  } finally {
    environment.cluster.cable(lost, { machines: true, lan: true });
    if (!lost.machine.isOn) await lost.restart();
    await nodeIsBack(environment, lost);
  }
}

async function nodeIsBack(environment: Environment, { name }: Worker): Promise<void> {
  await until(`${name} is ready`, () => environment.cluster.isReady(name), 120);
  const onNode = ['get', 'pods', '--all-namespaces', `--field-selector=spec.nodeName=${name}`, '--output=json'];
  await until(
    'what was evicted is gone from it',
    () => {
      const { items } = JSON.parse(environment.kubectl.run(onNode)) as { items: Pod[] };
      return items.every(({ metadata }) => metadata.deletionTimestamp === undefined);
    },
    120,
  );
}
