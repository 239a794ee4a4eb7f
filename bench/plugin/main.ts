/** The tables of `npm run bench -- plugin`: started by ../plugin.ts inside namespaces of its own. */
import { addAndDel } from './add';
import { connections } from './connections';
import { liveRules } from './live-rules';
import { prepareNode } from './network';
import { throughput } from './throughput';

const quick = process.argv.includes('--quick');
prepareNode();
const benches = [addAndDel, connections, throughput, liveRules];
console.log(['# Plugin', ...benches.map((bench) => bench(quick))].join('\n\n'));
