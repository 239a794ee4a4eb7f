import { type Result, race, TITLES, WAYS } from './race';
import { table, times, whole } from './table';

/**
 * A chart, and so a file, for every router. cdk8s walks the whole app again for each chart, so twice the routers take
 * four times as long with every way. Our share of it is one construct a router, and its validation: a pass
 * over all of them, times the number of charts.
 */
export function layout(quick: boolean): string {
  const counts = quick ? [25, 50] : [250, 500, 1_000];
  const results = counts.map((count) => race({ count, layout: 'a chart each', rounds: quick ? 1 : 3 }));
  const rows = results.flatMap((result, index) =>
    WAYS.map((way) => {
      const { total, best } = result[way];
      const previous = results[index - 1]?.[way];
      return [
        TITLES[way],
        whole(counts[index]!),
        whole(total),
        whole(best),
        times(total / result.bare.total),
        times(best / result.bare.best),
        previous === undefined ? '' : times(best / previous.best),
        result[way].validation.toFixed(3),
        ownShare(result[way], result.plus, counts[index]!),
      ];
    }),
  );
  const header = ['way', 'charts', 'total ms', 'best ms', '× bare', '× bare, best', 'best, charts doubled'];
  return [
    '## A chart for each router',
    '',
    'cdk8s itself grows with the square of the charts. The last column is what the validations of `EgressRouter` add.',
    '',
    table([...header, 'validation pass ms', 'all passes, beyond cdk8s-plus'], rows),
  ].join('\n');
}

/** cdk8s validates the app once, and once more for each chart. */
function ownShare({ validation, best }: Result, plus: Result, charts: number): string {
  const own = Math.max(0, validation - plus.validation) * (charts + 1);
  return `${whole(own)} ms, ${((100 * own) / best).toFixed(0)} %`;
}
