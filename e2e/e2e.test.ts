import { Cluster } from './cluster/cluster';
import { installClusterServices } from './cluster/services';
import { Evidence } from './evidence';
import { leftovers, machineSettings } from './leftovers';
import { Measurements } from './measurements';
import { startServers } from './servers';
import { debugging } from './stories/debugging';
import { firstUse } from './stories/first-use';
import { fleet } from './stories/fleet';
import { gitOps } from './stories/git-ops';
import { interruptions } from './stories/interruptions';
import { longNames, restricted } from './stories/limits';
import { liveRules } from './stories/live-rules';
import { load } from './stories/load';
import { lostNodes } from './stories/lost-nodes';
import { operations } from './stories/operations';
import { operatorForm } from './stories/operator-form';
import { readme } from './stories/readme';
import { twoPeople } from './stories/two-people';
import { wrong } from './stories/wrong';
import type { Story } from './story';
import { World } from './world';

/** The README first: it begins with a cluster that has nothing. Each of the others makes what it needs and takes it away. */
const STORIES: readonly Story[] = [
  readme,
  firstUse,
  gitOps,
  operations,
  liveRules,
  operatorForm,
  wrong,
  ...interruptions,
  ...lostNodes,
  load,
  twoPeople,
  longNames,
  restricted,
  debugging,
  fleet,
];

const isFull = process.env.EGRESS_ROUTER_FULL !== undefined;

const settingsBefore = machineSettings();
const measurements = new Measurements();
let cluster: Cluster;

beforeAll(async () => {
  cluster = await Cluster.start({ workers: 3 });
  await installClusterServices(cluster.kubectl);
  await startServers(cluster.outside.server.namespace);
}, 300_000);

afterAll(
  async () => {
    if (process.env.EGRESS_ROUTER_KEEP !== undefined) await keep(cluster);
    await cluster?.stop();
    measurements.report();
    expectNothingLeft();
  },
  2 ** 31 - 1,
);

test.each(STORIES.filter(({ isLong }) => isFull || !isLong))(
  '$name',
  async (story) => {
    const evidence = Evidence.begin(cluster, story.name);
    const world = new World(cluster, measurements);
    try {
      await story.tell(world);
      evidence.discard();
    } catch (error) {
      process.stderr.write(`what ${story.name} left is in ${evidence.keep()}\n`);
      throw error;
    } finally {
      await world.end();
    }
  },
  600_000,
);

function expectNothingLeft(): void {
  expect(leftovers(cluster.outside.unique(''), cluster.folder)).toEqual([]);
  const after = machineSettings();
  const changed = [...settingsBefore].filter(([name, value]) => after.has(name) && after.get(name) !== value);
  expect(changed).toEqual([]);
}

/** Until the user has seen enough. */
async function keep({ kubectl }: Cluster): Promise<void> {
  process.stderr.write(`The cluster stays until Ctrl-C. In another shell:\n  alias k='${kubectl.shellWords}'\n`);
  await new Promise<void>((resolve) => process.once('SIGINT', resolve));
}
