/**
 * One contestant, in a process of its own: makes COUNT routers in LAYOUT, synthesizes them into OUTDIR, and prints
 * what that took as JSON. Started by race.ts.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { App, Chart } from 'cdk8s';
import type { Layout, Run } from './race';
import { NAMESPACE, routerInput } from './routers/input';
import { type Way, WRITERS } from './routers/writers';
import { median } from './statistics';

function run(way: Way, count: number, layout: Layout, outdir: string): Run {
  const write = WRITERS[way];
  const memoryBefore = peakMemory();
  const start = performance.now();
  const app = new App({ outdir });
  const shared = layout === 'one chart' ? new Chart(app, 'routers', { namespace: NAMESPACE }) : undefined;
  for (let index = 0; index < count; index++) {
    const input = routerInput(index);
    write(shared ?? new Chart(app, `chart-${input.name}`, { namespace: NAMESPACE }), input);
  }
  const constructed = performance.now();
  app.synth();
  const synthesized = performance.now();
  return {
    construct: constructed - start,
    synth: synthesized - constructed,
    total: synthesized - start,
    memory: peakMemory(),
    memoryBefore,
    validation: validation(app),
    digest: digest(outdir),
  };
}

/** Largest resident set so far, in MiB. */
function peakMemory(): number {
  return process.resourceUsage().maxRSS / 1024;
}

/** Milliseconds of one pass of the validations of all constructs. cdk8s makes such a pass for every chart. */
function validation(app: App): number {
  const nodes = app.node.findAll().map(({ node }) => node);
  const passes = Array.from({ length: 21 }, () => {
    const start = performance.now();
    for (const node of nodes) node.validate();
    return performance.now() - start;
  });
  return median(passes);
}

/** Equal for equal files of equal names: contestants that write something else would not be comparable. */
function digest(directory: string): string {
  const hash = createHash('sha256');
  for (const file of readdirSync(directory).sort()) hash.update(file).update(readFileSync(join(directory, file)));
  return hash.digest('hex');
}

const [way, count, layout, outdir] = process.argv.slice(2);
console.log(JSON.stringify(run(way as Way, Number(count), layout as Layout, outdir!)));
