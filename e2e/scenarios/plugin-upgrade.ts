import { projectImage } from '../cluster/images';
import { buildRelease } from '../cluster/release';
import type { Environment, Pod } from '../environment';
import { configOf, differences, notesOf } from '../kernel-state';
import type { Scenario } from '../scenario';
import { inService, type Service } from '../service';

const [OLD, NEW] = ['0.1.0', '9.0.0'] as const;
const PLUGIN = '/opt/cni/bin/egress-router';

/**
 * Upgrades the plugin and rolls it back while routers run. Each release checks and deletes routers that the other has
 * added.
 */
export const pluginUpgrade: Scenario = {
  name: 'plugin upgrade while routers run',
  needsOwnCluster: true,
  async run(environment) {
    const release = buildRelease(environment.cluster.folder, NEW);
    for (const worker of environment.cluster.workers) worker.importImage(release);
    const service = await inService(environment);
    await replaced(environment, service, { by: NEW, what: 'the plugin is upgraded' });
    await replaced(environment, service, { by: OLD, what: 'the plugin is rolled back' });
    const turns = service.ports.turns();
    expect(turns).toEqual([...new Set(turns)]);
    await service.ports.stop();
  },
};

/**
 * Installs another release on every node: clients are not affected, CHECK passes, and DEL removes the other's router.
 */
async function replaced(
  environment: Environment,
  { namespace, asker }: Service,
  { by, what }: { readonly by: string; readonly what: string },
): Promise<void> {
  const [router] = environment.podsOf(namespace, 'partner');
  const start = Date.now();
  environment.installPlugin([{ file: 'main.ts', from: projectImage(OLD), to: projectImage(by) }]);
  for (const { machine } of environment.cluster.workers)
    expect(machine.run(PLUGIN, '--version')).toContain(` v${by}\n`);
  await asker.answered(Date.now());
  const gap = asker.longestGap(start);
  environment.measurements.seconds('plugin upgrade', `${what}: longest time without an answer`, gap);
  expect(asker.errors(start)).toEqual([]);
  const [same] = environment.podsOf(namespace, 'partner');
  expect(same!.metadata.uid).toBe(router!.metadata.uid);
  const config = configOf(environment.synthesize('standalone').manifests, 'partner');
  expect(differences(environment, router!, config)).toEqual([]);
  // Control: it distinguishes routers.
  expect(differences(environment, router!, { ...config, ip: { addresses: ['192.168.12.98/24'] } })).not.toEqual([]);
  await deleted(environment, namespace, router!);
  await asker.answered(Date.now());
}

/** By a restart: the installed plugin gets DEL for the old pod, and ADD for the next one. */
async function deleted(environment: Environment, namespace: string, router: Pod): Promise<void> {
  const notes = notesOf(environment, router);
  expect(notes).toEqual(expect.arrayContaining([expect.stringContaining('/attachments/')]));
  environment.kubectl.run(['rollout', 'restart', `--namespace=${namespace}`, 'deployment/partner']);
  await environment.rolledOut(namespace, 'partner');
  const { machine } = environment.nodeOf(router);
  await environment.until(`no note of ${router.metadata.name} is left`, () =>
    notes.every((file) => machine.try(['test', '-e', file]).status === 1),
  );
}
