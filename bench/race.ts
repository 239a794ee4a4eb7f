import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireSameManifests } from './routers/compare';
import { type Way, WRITERS } from './routers/writers';
import { median } from './statistics';

export type Layout = 'one chart' | 'a chart each';

/** Numbers of one contestant. Times in milliseconds, memory in MiB. */
export interface Measurement {
  readonly construct: number;
  readonly synth: number;
  readonly total: number;
  /** Peak of the whole process. */
  readonly memory: number;
  /** Peak when everything was imported and nothing made. */
  readonly memoryBefore: number;
  /** One pass of the validations of all constructs. */
  readonly validation: number;
}

/** One run of a contestant. */
export interface Run extends Measurement {
  /** Of the files written. */
  readonly digest: string;
}

/** The results of a contestant in all its runs: medians, and the shortest total. */
export interface Result extends Measurement {
  readonly best: number;
}

export interface Race {
  readonly count: number;
  readonly layout: Layout;
  readonly rounds: number;
}

export const WAYS: readonly Way[] = ['bare', 'plus', 'ours'];

/** What the tables call them. */
export const TITLES: Record<Way, string> = {
  bare: 'cdk8s `ApiObject`',
  plus: 'cdk8s-plus alone',
  ours: '`EgressRouter`',
};

/**
 * Runs each way once a round, every time in a fresh process. The order rotates, so that whatever else happens on
 * the machine meets all of them.
 *
 * @throws if two ways wrote different bytes, because then their times are not comparable
 */
export function race({ count, layout, rounds }: Race): Record<Way, Result> {
  requireSameManifests(WRITERS);
  const runs: Record<Way, Run[]> = { bare: [], plus: [], ours: [] };
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < WAYS.length; turn++) {
      const way = WAYS[(turn + round) % WAYS.length]!;
      runs[way].push(runOne(way, count, layout));
    }
  }
  if (new Set(Object.values(runs).flatMap((list) => list.map(({ digest }) => digest))).size > 1) {
    throw new Error(`${WAYS.join(', ')} wrote different manifests for ${count} routers, ${layout}`);
  }
  return { bare: summary(runs.bare), plus: summary(runs.plus), ours: summary(runs.ours) };
}

function runOne(way: Way, count: number, layout: Layout): Run {
  const outdir = mkdtempSync(join(tmpdir(), 'egress-router-bench-'));
  try {
    // execArgv carries the TypeScript loader that this process runs with.
    const args = [...process.execArgv, join(__dirname, 'contestant.ts'), way, String(count), layout, outdir];
    const { status, stdout } = spawnSync(process.execPath, args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (status !== 0) throw new Error(`${way} with ${count} routers, ${layout}: exit status ${status}`);
    return JSON.parse(stdout) as Run;
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

function summary(runs: readonly Run[]): Result {
  const of = (key: keyof Measurement) => median(runs.map((run) => run[key]));
  return {
    construct: of('construct'),
    synth: of('synth'),
    total: of('total'),
    memory: of('memory'),
    memoryBefore: of('memoryBefore'),
    validation: of('validation'),
    best: Math.min(...runs.map(({ total }) => total)),
  };
}
