import { spawnSync } from 'node:child_process';
import { median, range } from './statistics';
import { table } from './table';

interface Times {
  /** Milliseconds of loading cdk8s and cdk8s-plus. */
  readonly peers: number;
  /** Milliseconds of loading this library after them; 0 when it was left out. */
  readonly ours: number;
}

/** What loading this library adds to loading cdk8s and cdk8s-plus, without the TypeScript loader of the other races. */
export function importTime(quick: boolean): string {
  const rounds = quick ? 3 : 21;
  const without: Times[] = [];
  const withOurs: Times[] = [];
  for (let round = 0; round < rounds; round++) {
    // Alternately first, because the second of two runs finds warmer caches.
    const pair = [() => without.push(load(false)), () => withOurs.push(load(true))];
    for (const run of round % 2 === 0 ? pair : pair.reverse()) run();
  }
  const row = (name: string, values: number[]) => [name, median(values).toFixed(1), range(values, 1)];
  return [
    '## Loading',
    '',
    `Fresh processes, ${rounds} of each. Goal: this library adds at most 5 ms.`,
    '',
    table(
      ['loaded', 'median ms', 'range'],
      [
        row(
          'cdk8s, cdk8s-plus-28',
          without.map(({ peers }) => peers),
        ),
        row(
          'cdk8s, cdk8s-plus-28, then this library',
          withOurs.map(({ peers, ours }) => peers + ours),
        ),
        row(
          'this library alone, after them',
          withOurs.map(({ ours }) => ours),
        ),
      ],
    ),
  ].join('\n');
}

function load(includeOurs: boolean): Times {
  const program = `
    const start = performance.now();
    require('cdk8s');
    require('cdk8s-plus-28');
    const peers = performance.now();
    ${includeOurs ? "require('cdk8s-egress-router');" : ''}
    console.log(JSON.stringify({ peers: peers - start, ours: performance.now() - peers }));`;
  const { status, stdout } = spawnSync(process.execPath, ['--eval', program], {
    cwd: __dirname,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error(`loading the library: exit status ${status}`);
  return JSON.parse(stdout) as Times;
}
