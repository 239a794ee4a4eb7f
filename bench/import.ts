import { spawnSync } from 'node:child_process';
import { median, range } from './statistics';
import { table } from './table';

/** A library, and its peers, which are loaded first. */
interface Load {
  readonly title: string;
  readonly peers: readonly string[];
  readonly ours: string;
  /** Milliseconds that ours may add. */
  readonly goal: number;
}

interface Times {
  /** Milliseconds of loading the peers. */
  readonly peers: number;
  /** Milliseconds of loading this library after them; 0 when it was left out. */
  readonly ours: number;
}

/** What loading this library adds to loading cdk8s and cdk8s-plus. */
export function importTime(quick: boolean): string {
  return loading({ title: 'Loading', peers: ['cdk8s', 'cdk8s-plus-28'], ours: 'cdk8s-egress-router', goal: 5 }, quick);
}

/** What loading the cloud's side adds to loading Pulumi. */
export function cloudImportTime(quick: boolean): string {
  const ours = 'pulumi-egress-router/openstack';
  return loading({ title: "Loading the cloud's side", peers: ['@pulumi/pulumi'], ours, goal: 20 }, quick);
}

/** Runs without the TypeScript loader of the other races. */
function loading(what: Load, quick: boolean): string {
  const rounds = quick ? 3 : 21;
  const without: Times[] = [];
  const withOurs: Times[] = [];
  for (let round = 0; round < rounds; round++) {
    // Alternately first, because the second of two runs finds warmer caches.
    const pair = [() => without.push(load(what, false)), () => withOurs.push(load(what, true))];
    for (const run of round % 2 === 0 ? pair : pair.reverse()) run();
  }
  const peers = what.peers.join(', ');
  const row = (name: string, values: number[]) => [name, median(values).toFixed(1), range(values, 1)];
  return [
    `## ${what.title}`,
    '',
    `Fresh processes, ${rounds} of each. Goal: this library adds at most ${what.goal} ms.`,
    '',
    table(
      ['loaded', 'median ms', 'range'],
      [
        row(
          peers,
          without.map(({ peers }) => peers),
        ),
        row(
          `${peers}, then this library`,
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

function load({ peers, ours }: Load, includeOurs: boolean): Times {
  const program = `
    const start = performance.now();
    for (const name of ${JSON.stringify(peers)}) require(name);
    const peers = performance.now();
    ${includeOurs ? `require('${ours}');` : ''}
    console.log(JSON.stringify({ peers: peers - start, ours: performance.now() - peers }));`;
  const { status, stdout } = spawnSync(process.execPath, ['--eval', program], {
    cwd: __dirname,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error(`loading the library: exit status ${status}`);
  return JSON.parse(stdout) as Times;
}
