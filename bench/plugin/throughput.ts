import { median, range } from '../statistics';
import { table, times } from '../table';
import { inNamespace, SERVER } from './network';
import { handmadeRouter, ourRouter, type Router, withServer } from './routers';

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

/** Bulk traffic and small packets, beside a masquerading router made by hand in the same topology. */
export function throughput(quick: boolean): string {
  const [rounds, seconds] = quick ? [2, 1] : [15, 2];
  return withServer(['iperf3', '-s'], PORT, () => {
    const routers = [handmadeRouter(PORT), ourRouter([`${PORT} TCP ${SERVER}`, `${PORT} UDP ${SERVER}`])] as const;
    // Nobody's figures contain the first packet's search for neighbours.
    for (const router of routers) iperf(router, 1, []);
    const rows = KINDS.map((kind) => {
      const results: [number[], number[]] = [[], []];
      for (let round = 0; round < rounds; round++) {
        for (const index of round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) {
          results[index].push(kind.read(iperf(routers[index], seconds, kind.options)));
        }
      }
      return row(kind.title, results);
    });
    return [
      '## Throughput',
      '',
      `Medians of ${rounds} runs of ${seconds} s, interleaved; the ratio is the median of the rounds' ratios.`,
      '',
      table(['traffic', 'by hand: nft masquerade', 'range', 'egress-router', 'range', 'ratio', 'goal'], rows),
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

function row(title: string, [byHand, ours]: readonly [number[], number[]]): string[] {
  const ratio = median(ours.map((value, round) => value / byHand[round]!));
  const cells = [byHand, ours].flatMap((values) => [median(values).toFixed(1), range(values, 1)]);
  return [title, ...cells, times(ratio), '≥ 0.95 ×'];
}
