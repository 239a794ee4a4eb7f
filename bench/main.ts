/**
 * `npm run bench [-- NAME …] [--quick]`: measures side by side on this machine, and prints Markdown. Nothing is
 * asserted about times: a busy machine is not a bug. It measures what `npm run build` compiled.
 */
import { cli } from './cli';
import { cloud } from './cloud';
import { importTime } from './import';
import { layout } from './layout';
import { names as nameCosts } from './names';
import { plugin } from './plugin';
import { synth } from './synth';

const BENCHES: Record<string, (quick: boolean) => string> = {
  import: importTime,
  synth,
  layout,
  cli,
  plugin,
  names: nameCosts,
  cloud,
};

// Quick shows that the contestants run and agree; its numbers are too few to quote.
const quick = process.argv.includes('--quick');
const names = process.argv.slice(2).filter((argument) => argument !== '--quick');
const unknown = names.filter((name) => !Object.hasOwn(BENCHES, name));
if (unknown.length > 0) {
  console.error(`${unknown.join(', ')}: no such bench; there are ${Object.keys(BENCHES).join(', ')}`);
  process.exit(2);
}
for (const name of names.length > 0 ? names : Object.keys(BENCHES)) console.log(`${BENCHES[name]?.(quick)}\n`);
