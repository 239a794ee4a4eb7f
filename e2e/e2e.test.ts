import { Cluster } from './cluster/cluster';
import { installClusterServices } from './cluster/services';
import { firstUse } from './stories/first-use';
import type { Story } from './story';
import { World } from './world';

const STORIES: readonly Story[] = [firstUse];

let cluster: Cluster;
let world: World;

beforeAll(async () => {
  cluster = await Cluster.start({ workers: 3 });
  await installClusterServices(cluster.kubectl);
  world = new World(cluster);
  await world.startServers();
}, 300_000);

afterAll(() => cluster?.stop(), 60_000);

test.each(STORIES)('$name', (story) => story.tell(world), 600_000);
