import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from './statistics';

/** How the routers are written: cdk8s literals, cdk8s-plus classes, or this library. */
export type Way = 'bare' | 'plus' | 'ours';
export type Layout = 'one chart' | 'a chart each';

/** Times in milliseconds, memory in MiB. */
export interface Measurement {
  readonly construct: number;
  readonly synth: number;
  readonly total: number;
  /** Peak of the whole process. */
  readonly memory: number;
  /** Peak when everything was imported and nothing made. */
  readonly memoryBefore: number;
  /** Of the files written. */
  readonly digest: string;
}

export interface Race {
  readonly ways: readonly Way[];
  readonly count: number;
  readonly layout: Layout;
  readonly rounds: number;
}

/**
 * Runs each way once a round, every time in a fresh process, and returns the medians. The order rotates, so that
 * what else happens on the machine meets all of them.
 *
 * @throws when two ways did not write the same bytes: then their times mean nothing
 */
export function race({ ways, count, layout, rounds }: Race): Map<Way, Measurement> {
  const measurements = new Map<Way, Measurement[]>(ways.map((way) => [way, []]));
  for (let round = 0; round < rounds; round++) {
    const order = ways.map((_, index) => ways[(index + round) % ways.length]!);
    for (const way of order) measurements.get(way)?.push(runOne(way, count, layout));
  }
  const all = [...measurements.values()].flat();
  if (all.some(({ digest }) => digest !== all[0]?.digest)) {
    const digests = [...measurements].map(([way, [first]]) => `${way} ${first?.digest}`);
    throw new Error(`${ways.join(', ')} wrote different manifests (${count} routers, ${layout}): ${digests.join(', ')}`);
  }
  return new Map([...measurements].map(([way, list]) => [way, medians(list)]));
}

function runOne(way: Way, count: number, layout: Layout): Measurement {
  const outdir = mkdtempSync(join(tmpdir(), 'egress-router-bench-'));
  try {
    // execArgv carries the TypeScript loader that this process runs with.
    const args = [...process.execArgv, join(__dirname, 'contestant.ts'), way, String(count), layout, outdir];
    const { status, stdout } = spawnSync(process.execPath, args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (status !== 0) throw new Error(`${way} with ${count} routers, ${layout}: exit status ${status}`);
    return JSON.parse(stdout) as Measurement;
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

function medians(list: readonly Measurement[]): Measurement {
  const of = (key: Exclude<keyof Measurement, 'digest'>) => median(list.map((measurement) => measurement[key]));
  return {
    construct: of('construct'),
    synth: of('synth'),
    total: of('total'),
    memory: of('memory'),
    memoryBefore: of('memoryBefore'),
    digest: list[0]?.digest ?? '',
  };
}
