import { join } from 'node:path';
import { median, range } from '../statistics';
import { table, times } from '../table';
import { LAST_PORT, rules } from './contestants';
import { inNamespace } from './network';
import { ourRouter, type Router, requireReachable, withServer } from './routers';

const SERVER_PORT = 7000;
const PROGRAM = join(__dirname, 'connections.py');

/** What a new TCP connection costs when its rule is the last of many. */
export function connections(quick: boolean): string {
  const [rounds, perRound] = quick ? [5, 500] : [61, 2000];
  const counts = [1, 1000, 10_000];
  return withServer(['python3', PROGRAM, 'serve', String(SERVER_PORT)], SERVER_PORT, () => {
    const routers = counts.map((count) => ourRouter(rules(count, SERVER_PORT)));
    for (const router of routers) requireReachable(router, LAST_PORT);
    const results = counts.map((): number[] => []);
    for (let round = 0; round < rounds; round++) {
      for (let turn = 0; turn < counts.length; turn++) {
        const index = (turn + round) % counts.length;
        results[index]!.push(microseconds(routers[index]!, perRound));
      }
    }
    return render(counts, results, perRound);
  });
}

/** Of one connection, from connect to reset, in the mean of `count` one after the other. */
function microseconds({ client, target }: Router, count: number): number {
  return Number(inNamespace(client, ['python3', PROGRAM, 'connect', target, String(LAST_PORT), String(count)]));
}

function render(counts: readonly number[], results: readonly number[][], perRound: number): string {
  const one = results[0]!;
  const rows = counts.map((count, index) => {
    const ratios = results[index]!.map((value, round) => value / one[round]!);
    const goal = count === counts.at(-1) ? '≤ 1.1 ×' : '';
    return [String(count), median(results[index]!).toFixed(0), range(results[index]!), times(median(ratios)), goal];
  });
  return [
    '## A new TCP connection through the router, last rule hit',
    '',
    `${one.length} rounds of ${perRound} connections, interleaved; the ratio is the median of the rounds' ratios.`,
    '',
    table(['rules', 'µs per connection', 'range', 'beside 1 rule', 'goal'], rows),
  ].join('\n');
}
