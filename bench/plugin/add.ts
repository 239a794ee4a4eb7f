import { statSync } from 'node:fs';
import { median, range } from '../statistics';
import { table, times } from '../table';
import { baseline, type Contestant, FLOOR, OURS, peer, type RouterRequest, rules } from './contestants';
import { emptyPod, removeNamespaces } from './network';
import { call, emptyProcess, residentMemory } from './run';

/** A plugin with a number of rules. */
interface Entry {
  readonly title: string;
  readonly contestant: Contestant;
  readonly request: Omit<RouterRequest, 'address'>;
  readonly goal: string;
}

interface Times {
  readonly add: number[];
  readonly del: number[];
}

/** ADD and DEL as whole processes, each ADD in a new namespace. */
export function addAndDel(quick: boolean): string {
  const rounds = quick ? 3 : 30;
  const entries = contestants();
  const results = new Map(entries.map((entry): [Entry, Times] => [entry, { add: [], del: [] }]));
  const empty: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const pods = entries.map((_, index) => emptyPod(`pod-${round}-${index}`));
    for (let turn = 0; turn < entries.length; turn++) {
      const index = (turn + round) % entries.length;
      empty.push(emptyProcess());
      oneRouter(entries[index]!, results.get(entries[index]!)!, pods[index]!, round * entries.length + index);
    }
    removeNamespaces(pods.map((path) => path.split('/').at(-1)!));
  }
  return render(results, rounds, empty);
}

function contestants(): Entry[] {
  const entry = (contestant: Contestant, count: number, goal: string, counters = false): Entry => ({
    title: `${contestant.title}, ${count} rule${count === 1 ? '' : 's'}${counters ? ', counters' : ''}`,
    contestant,
    request: { rules: rules(count, 7000), counters },
    goal,
  });
  const others = [baseline(), peer()].filter((other) => other !== undefined);
  return [
    { ...entry(FLOOR, 0, ''), title: FLOOR.title },
    entry(OURS, 1, '≤ 1.5 ×'),
    entry(OURS, 1000, '≤ 2.5 ×'),
    entry(OURS, 10_000, '≤ 9 ×'),
    entry(OURS, 1000, 'stated', true),
    entry(OURS, 10_000, 'stated', true),
    ...others.flatMap((other) => [1, 1000, 10_000].map((count) => entry(other, count, ''))),
  ];
}

function oneRouter({ contestant, request }: Entry, { add, del }: Times, netns: string, serial: number): void {
  const address = `192.0.${16 + (serial >> 8)}.${serial & 255}`;
  const of = { contestant, netns, request: { ...request, address } };
  add.push(call({ ...of, verb: 'ADD' }));
  del.push(call({ ...of, verb: 'DEL' }));
}

function render(results: Map<Entry, Times>, rounds: number, empty: readonly number[]): string {
  const floor = median([...results.values()][0]!.add);
  const rows = [...results].map(([{ title, goal }, { add, del }]) => [
    title,
    median(add).toFixed(1),
    range(add, 1),
    times(median(add) / floor),
    goal,
    median(del).toFixed(1),
  ]);
  return [
    '## ADD and DEL',
    '',
    `Whole processes, conflict detection off, medians of ${rounds}, interleaved. A process that does nothing takes ${median(empty).toFixed(1)} ms.`,
    '',
    table(['plugin', 'ADD ms', 'range', 'beside the floor', 'goal', 'DEL ms'], rows),
    '',
    sizes([...results.keys()]),
  ].join('\n');
}

/** Memory and size on disk. */
function sizes(entries: readonly Entry[]): string {
  const rows = entries.map(({ title, contestant, request }, index) => {
    const netns = emptyPod(`memory-${index}`);
    const of = { contestant, netns, request: { ...request, address: `192.0.15.${index}` } };
    const memory = residentMemory({ ...of, verb: 'ADD' });
    call({ ...of, verb: 'DEL' });
    removeNamespaces([`memory-${index}`]);
    return [title, memory.toFixed(0), (statSync(contestant.executable).size / 2 ** 20).toFixed(1)];
  });
  return table(['plugin', 'peak resident MiB of ADD', 'MiB on disk'], rows);
}
