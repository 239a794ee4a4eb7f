import { Cluster } from './cluster/cluster';
import { installClusterServices } from './cluster/services';
import { firstUse } from './stories/first-use';
import type { Story } from './story';
import { World } from './world';

/** In this order: later ones use what the first one installs. */
const STORIES: readonly Story[] = [firstUse];

const isFull = process.env.EGRESS_ROUTER_FULL !== undefined;

let cluster: Cluster;
let world: World;

beforeAll(async () => {
  cluster = await Cluster.start({ workers: 3 });
  await installClusterServices(cluster.kubectl);
  world = new World(cluster);
  await world.startServers();
}, 300_000);

afterAll(
  async () => {
    if (process.env.EGRESS_ROUTER_KEEP !== undefined) await keep(cluster);
    await cluster?.stop();
  },
  2 ** 31 - 1,
);

test.each(STORIES.filter(({ isLong }) => isFull || !isLong))('$name', (story) => story.tell(world), 600_000);

/** Until the user has seen enough. */
async function keep({ kubectl }: Cluster): Promise<void> {
  process.stderr.write(`The cluster stays until Ctrl-C. In another shell:\n  alias k='${kubectl.shellWords}'\n`);
  await new Promise<void>((resolve) => process.once('SIGINT', resolve));
}
