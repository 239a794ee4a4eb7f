/**
 * `npm run bench [-- NAME …]`: measures side by side on this machine, and prints Markdown. Nothing is asserted about
 * times: a busy machine is not a bug. It measures what `npm run build` compiled.
 */
import { importTime } from './import';
import { layout } from './layout';
import { synth } from './synth';

const BENCHES: Record<string, () => string> = { import: importTime, synth, layout };

const names = process.argv.slice(2);
const unknown = names.filter((name) => !Object.hasOwn(BENCHES, name));
if (unknown.length > 0) {
  console.error(`${unknown.join(', ')}: no such bench; there are ${Object.keys(BENCHES).join(', ')}`);
  process.exit(2);
}
for (const name of names.length > 0 ? names : Object.keys(BENCHES)) console.log(`${BENCHES[name]?.()}\n`);
