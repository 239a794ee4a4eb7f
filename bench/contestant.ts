/**
 * One contestant, in a process of its own: makes COUNT routers in LAYOUT, synthesizes them into OUTDIR, and prints
 * what that took as JSON. Started by race.ts.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { App, Chart } from 'cdk8s';
import type { Layout, Measurement, Way } from './race';
import { bare } from './routers/bare';
import { NAMESPACE, type RouterInput, routerInput } from './routers/input';
import { ours } from './routers/ours';
import { plus } from './routers/plus';

const WAYS: Record<Way, (chart: Chart, input: RouterInput) => void> = { bare, plus, ours };

function measure(way: Way, count: number, layout: Layout, outdir: string): Measurement {
  const create = WAYS[way];
  const memoryBefore = peakMemory();
  const start = performance.now();
  const app = new App({ outdir });
  const shared = layout === 'one chart' ? new Chart(app, 'routers', { namespace: NAMESPACE }) : undefined;
  for (let index = 0; index < count; index++) {
    const input = routerInput(index);
    create(shared ?? new Chart(app, `chart-${input.name}`, { namespace: NAMESPACE }), input);
  }
  const constructed = performance.now();
  app.synth();
  const synthesized = performance.now();
  const memory = peakMemory();
  return {
    construct: constructed - start,
    synth: synthesized - constructed,
    total: synthesized - start,
    memory,
    memoryBefore,
    digest: digest(outdir),
  };
}

/** Largest resident set so far, in MiB. */
function peakMemory(): number {
  return process.resourceUsage().maxRSS / 1024;
}

/** Equal for equal files of equal names: contestants that write something else would not be comparable. */
function digest(directory: string): string {
  const hash = createHash('sha256');
  for (const file of readdirSync(directory).sort()) hash.update(file).update(readFileSync(join(directory, file)));
  return hash.digest('hex');
}

const [way, count, layout, outdir] = process.argv.slice(2);
console.log(JSON.stringify(measure(way as Way, Number(count), layout as Layout, outdir!)));
