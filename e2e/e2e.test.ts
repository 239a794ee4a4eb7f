import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Cluster } from './cluster/cluster';
import { Kubectl } from './cluster/kubectl';
import { findPrograms } from './cluster/programs';
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
import { pluginUpgrade } from './stories/plugin-upgrade';
import { policies } from './stories/policies';
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
  pluginUpgrade,
  ...lostNodes,
  load,
  twoPeople,
  longNames,
  restricted,
  debugging,
  policies,
  fleet,
];

const isFull = process.env.EGRESS_ROUTER_FULL !== undefined;

const settingsBefore = machineSettings();
const measurements = new Measurements();
const { KUBECONFIG } = process.env;
/** Absent where the user has given one. */
let cluster: Cluster | undefined;
let kubectl: Kubectl;

beforeAll(async () => {
  if (KUBECONFIG !== undefined) {
    kubectl = new Kubectl(join(findPrograms().kubernetes, 'kubectl'), [], { KUBECONFIG });
    return;
  }
  cluster = await Cluster.start({ workers: 3 });
  kubectl = cluster.kubectl;
  await installClusterServices(cluster.kubectl);
  await startServers(cluster.outside.server.namespace);
}, 300_000);

afterAll(
  async () => {
    measurements.report();
    if (cluster !== undefined && process.env.EGRESS_ROUTER_KEEP !== undefined) await keep(cluster);
    await cluster?.stop();
    if (cluster !== undefined) expectNothingLeft(cluster);
  },
  2 ** 31 - 1,
);

test.each(STORIES.filter(isTold))(
  '$name',
  async (story) => {
    const evidence = cluster && Evidence.begin(cluster, story.name);
    const world = new World(kubectl, measurements, cluster);
    try {
      await story.tell(world);
      evidence?.discard();
    } catch (error) {
      if (evidence !== undefined) process.stderr.write(`what ${story.name} left is in ${evidence.keep()}\n`);
      throw error;
    } finally {
      await world.end();
    }
  },
  900_000,
);

function isTold({ isLong, needsPower }: Story): boolean {
  return (isFull || !isLong) && (KUBECONFIG === undefined || !needsPower);
}

function expectNothingLeft(cluster: Cluster): void {
  expect(leftovers(cluster.outside.unique(''), cluster.folder)).toEqual([]);
  const after = machineSettings();
  const changed = [...settingsBefore].filter(([name, value]) => after.has(name) && after.get(name) !== value);
  expect(changed).toEqual([]);
}

/** Until the user has seen enough. Not by Ctrl-C: it would end this before the cluster. */
async function keep({ kubectl, folder }: Cluster): Promise<void> {
  const sign = join(folder, 'keep');
  writeFileSync(sign, '');
  process.stderr.write(
    [
      `The cluster stays until ${sign} is removed. In another shell:`,
      `  alias k='${kubectl.shellWords}'`,
      'Stories without power over nodes, again:',
      `  ${kubectl.shellPrefix} npm run e2e -- NAME`,
      '',
    ].join('\n'),
  );
  while (existsSync(sign)) await sleep(500);
}
