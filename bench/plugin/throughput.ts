import { median, range } from '../statistics';
import { table, times } from '../table';
import { inNamespace, SERVER } from './network';
import { handmadeRouter, ourRouter, type Router, uncheckedRouter, withServer } from './routers';

const PORT = 5201;

/** What iperf3 measures, and in which unit we print it. */
const KINDS = [
  { title: 'TCP, Gbit/s', options: [], read: tcpGigabits },
  {
    title: 'UDP of 64 bytes, thousand packets received a second',
    options: ['-u', '-l', '64', '-b', '0'],
    read: udpPackets,
  },
] as const;

/** The part of iperf3's report that we read. */
interface Report {
  readonly end: {
    readonly sum_received: { readonly bits_per_second: number };
    readonly sum: { readonly packets: number; readonly lost_packets: number; readonly seconds: number };
  };
}

/** Rates of each round: by hand, ours without the forward chain, ours. */
type Results = readonly [number[], number[], number[]];

/**
 * Bulk traffic and small packets, beside a masquerading router made by hand in the same topology, and ours without its
 * check.
 */
export function throughput(quick: boolean): string {
  const [rounds, seconds] = quick ? [2, 1] : [15, 2];
  return withServer(['iperf3', '-s'], PORT, () => {
    const rules = [`${PORT} TCP ${SERVER}`, `${PORT} UDP ${SERVER}`];
    const routers = [handmadeRouter(PORT), uncheckedRouter(rules), ourRouter(rules)] as const;
    // No figure contains the first packet's neighbour discovery.
    for (const router of routers) iperf(router, 1, []);
    const rows = KINDS.map((kind) => {
      const results: Results = [[], [], []];
      for (let round = 0; round < rounds; round++) {
        for (let turn = 0; turn < routers.length; turn++) {
          const index = (turn + round) % routers.length;
          results[index]!.push(kind.read(iperf(routers[index]!, seconds, kind.options)));
        }
      }
      return row(kind.title, results);
    });
    return [
      '## Throughput',
      '',
      `Medians of ${rounds} runs of ${seconds} s, interleaved; the ratio is the median of the rounds' ratios.`,
      '',
      table(HEADER, rows),
    ].join('\n');
  });
}

function iperf({ client, target }: Router, seconds: number, options: readonly string[]): Report {
  const command = ['iperf3', '--json', '-c', target, '-p', String(PORT), '-t', String(seconds), ...options];
  return JSON.parse(inNamespace(client, command)) as Report;
}

function tcpGigabits({ end }: Report): number {
  return end.sum_received.bits_per_second / 1e9;
}

function udpPackets({ end: { sum } }: Report): number {
  return (sum.packets - sum.lost_packets) / sum.seconds / 1000;
}

const HEADER = [
  'traffic',
  'by hand: nft masquerade',
  'range',
  'egress-router without its forward chain',
  'range',
  'egress-router',
  'range',
  'beside by hand',
  'goal',
  'beside none',
  'goal',
];

function row(title: string, results: Results): string[] {
  const [byHand, unchecked, ours] = results;
  const beside = (others: readonly number[]) => times(median(ours.map((value, round) => value / others[round]!)));
  const cells = results.flatMap((values) => [median(values).toFixed(1), range(values, 1)]);
  return [title, ...cells, beside(byHand), '≥ 0.95 ×', beside(unchecked), '≥ 0.97 ×'];
}
