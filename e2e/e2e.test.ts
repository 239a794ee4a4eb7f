import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Cluster } from './cluster/cluster';
import { Kubectl } from './cluster/kubectl';
import { findPrograms } from './cluster/programs';
import { installClusterServices } from './cluster/services';
import { Environment } from './environment';
import { Evidence } from './evidence';
import { leftovers, machineSettings } from './leftovers';
import { Measurements } from './measurements';
import type { Scenario } from './scenario';
import { debugging } from './scenarios/debugging';
import { firstUse } from './scenarios/first-use';
import { fleet } from './scenarios/fleet';
import { gitOps } from './scenarios/git-ops';
import { interruptions } from './scenarios/interruptions';
import { longNames, restricted } from './scenarios/limits';
import { liveRules } from './scenarios/live-rules';
import { load } from './scenarios/load';
import { lostNodes } from './scenarios/lost-nodes';
import { names } from './scenarios/names';
import { operations } from './scenarios/operations';
import { operatorForm } from './scenarios/operator-form';
import { pluginUpgrade } from './scenarios/plugin-upgrade';
import { policies } from './scenarios/policies';
import { readme } from './scenarios/readme';
import { resolvedHosts } from './scenarios/resolved-hosts';
import { twoPeople } from './scenarios/two-people';
import { wrong } from './scenarios/wrong';
import { startServers } from './servers';

/** The README comes first, because it needs an empty cluster. The others create what they need and clean up. */
const SCENARIOS: readonly Scenario[] = [
  readme,
  firstUse,
  names,
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
  resolvedHosts,
  fleet,
];

const isFull = process.env.EGRESS_ROUTER_FULL !== undefined;

const settingsBefore = machineSettings();
const measurements = new Measurements();
const { KUBECONFIG } = process.env;
/** Absent with a user's cluster. */
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
  await startServers(cluster);
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

test.each(SCENARIOS.filter(isSelected))(
  '$name',
  async (scenario) => {
    const evidence = cluster && Evidence.begin(cluster, scenario.name);
    const environment = new Environment(kubectl, measurements, cluster);
    try {
      await scenario.run(environment);
      evidence?.discard();
    } catch (error) {
      if (evidence !== undefined) process.stderr.write(`logs of ${scenario.name} are in ${evidence.keep()}\n`);
      throw error;
    } finally {
      await environment.end();
    }
  },
  900_000,
);

function isSelected({ isLong, needsOwnCluster }: Scenario): boolean {
  return (isFull || !isLong) && (KUBECONFIG === undefined || !needsOwnCluster);
}

function expectNothingLeft(cluster: Cluster): void {
  expect(leftovers(cluster.outside.unique(''), cluster.folder)).toEqual([]);
  const after = machineSettings();
  const changed = [...settingsBefore].filter(([name, value]) => after.has(name) && after.get(name) !== value);
  expect(changed).toEqual([]);
}

/** Waits until the user removes a file. Not for Ctrl-C, which would end this before the cluster. */
async function keep({ kubectl, folder }: Cluster): Promise<void> {
  const sign = join(folder, 'keep');
  writeFileSync(sign, '');
  process.stderr.write(
    [
      `The cluster stays until ${sign} is removed. In another shell:`,
      `  alias k='${kubectl.shellWords}'`,
      'To run scenarios that do not act on nodes:',
      `  ${kubectl.shellPrefix} npm run e2e -- NAME`,
      '',
    ].join('\n'),
  );
  while (existsSync(sign)) await sleep(500);
}
