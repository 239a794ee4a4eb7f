import { type Result, race, TITLES, WAYS } from './race';
import { table, times, whole } from './table';

/** Many routers in one chart: the cost of this library beside the same objects written by hand, and how it grows. */
export function synth(quick: boolean): string {
  const [fewRouters, manyRouters] = quick ? [50, 500] : [1_000, 10_000];
  const few = race({ count: fewRouters, layout: 'one chart', rounds: quick ? 1 : 5 });
  const many = race({ count: manyRouters, layout: 'one chart', rounds: quick ? 1 : 3 });
  const header = ['way', 'routers', 'construct ms', 'synth ms', 'total ms', 'best ms', '× bare', '× bare, best'];
  const rows = [few, many].flatMap((results, index) =>
    WAYS.map((way) => {
      const { construct, synth: synthesis, total, best } = results[way];
      const counts = [index === 0 ? fewRouters : manyRouters, construct, synthesis, total, best].map(whole);
      return [TITLES[way], ...counts, times(total / results.bare.total), times(best / results.bare.best)];
    }),
  );
  return [
    '## Routers in one chart',
    '',
    `Four objects a router, byte-identical YAML. Goal: \`EgressRouter\` at most 1.8 × bare, growth at most 11 ×.`,
    '',
    table([...header, 'peak MiB', 'of that at start'], withMemory(rows, [few, many])),
    '',
    table(
      ['way', `total, ${whole(manyRouters)} / ${whole(fewRouters)}`, 'best', 'MiB for 1,000 more'],
      WAYS.map((way) => [
        TITLES[way],
        times(many[way].total / few[way].total),
        times(many[way].best / few[way].best),
        ((many[way].memory - few[way].memory) / ((manyRouters - fewRouters) / 1_000)).toFixed(0),
      ]),
    ),
  ].join('\n');
}

function withMemory(rows: readonly string[][], results: readonly Record<string, Result>[]): string[][] {
  const memories = results.flatMap((result) => WAYS.map((way) => result[way]!));
  return rows.map((row, index) => [...row, whole(memories[index]!.memory), whole(memories[index]!.memoryBefore)]);
}
