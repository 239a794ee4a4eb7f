import { join } from 'node:path';
import { median, range } from '../statistics';
import { table, times } from '../table';
import { baseline, type Contestant, LAST_PORT, OURS, rules } from './contestants';
import { inNamespace } from './network';
import { resolvedHosts } from './resolved-hosts';
import { ourRouter, type Router, requireReachable, resolvedRouter, withServer } from './routers';

const SERVER_PORT = 7000;
/** Each has its port of the router, and one address. */
const HOSTS = 100;
const PROGRAM = join(__dirname, 'connections.py');

/** A plugin with a number of rules, or of hosts that it resolves. */
interface Entry {
  readonly contestant: Contestant;
  readonly count: number;
  readonly isResolved?: true;
  /** The number of the entry that it is compared with. */
  readonly beside: number;
}

/** Hosts are compared with one host, which comes after three numbers of rules. */
const OF_HOSTS = { isResolved: true, beside: 3 } as const;

/** What a new TCP connection costs when its rule is the last of many. */
export function connections(quick: boolean): string {
  const [rounds, perRound] = quick ? [5, 500] : [61, 2000];
  const other = baseline();
  const entries = [
    ...[1, 1000, 10_000].map((count): Entry => ({ contestant: OURS, count, beside: 0 })),
    ...[1, HOSTS].map((count): Entry => ({ contestant: resolvedHosts(count, SERVER_PORT), count, ...OF_HOSTS })),
    ...(other === undefined ? [] : [{ contestant: other, count: 1, beside: 0 }]),
  ];
  return withServer(['python3', PROGRAM, 'serve', String(SERVER_PORT)], SERVER_PORT, () => {
    const routers = entries.map(({ contestant, count, isResolved }) =>
      isResolved ? resolvedRouter(contestant) : ourRouter(rules(count, SERVER_PORT), contestant),
    );
    for (const router of routers) requireReachable(router, LAST_PORT);
    const results = entries.map((): number[] => []);
    for (let round = 0; round < rounds; round++) {
      for (let turn = 0; turn < entries.length; turn++) {
        const index = (turn + round) % entries.length;
        results[index]!.push(microseconds(routers[index]!, perRound));
      }
    }
    return render(entries, results, perRound);
  });
}

/** Of one connection, from connect to reset, in the mean of `count` one after the other. */
function microseconds({ client, target }: Router, count: number): number {
  return Number(inNamespace(client, ['python3', PROGRAM, 'connect', target, String(LAST_PORT), String(count)]));
}

function render(entries: readonly Entry[], results: readonly number[][], perRound: number): string {
  const ratio = (one: number, other: number) =>
    times(median(results[one]!.map((value, round) => value / results[other]![round]!)));
  const rows = entries.map(({ contestant, count, beside }, index) => {
    const goal = count === 10_000 || count === HOSTS ? '≤ 1.1 ×' : '';
    return [
      contestant.title,
      String(count),
      median(results[index]!).toFixed(0),
      range(results[index]!),
      ratio(index, beside),
      ratio(index, 0),
      goal,
    ];
  });
  return [
    '## A new TCP connection through the router, last rule hit',
    '',
    `${results[0]!.length} rounds of ${perRound} connections, interleaved; the ratio is the median of the rounds' ratios.`,
    '',
    table(['plugin', 'rules or hosts', 'µs per connection', 'range', 'beside one', 'beside one rule', 'goal'], rows),
  ].join('\n');
}
