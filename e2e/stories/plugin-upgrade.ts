import { projectImage } from '../cluster/images';
import { buildRelease } from '../cluster/release';
import { configOf, differences, notesOf } from '../kernel-state';
import { inService, type Service } from '../service';
import type { Story } from '../story';
import type { Pod, World } from '../world';

const [OLD, NEW] = ['0.1.0', '9.0.0'] as const;
const PLUGIN = '/opt/cni/bin/egress-router';

/**
 * A later release of the plugin comes onto the nodes, and the earlier one comes back, while routers run. What either has added, the
 * other checks and deletes.
 */
export const pluginUpgrade: Story = {
  name: 'plugin upgrade while routers run',
  needsPower: true,
  async tell(world) {
    const release = buildRelease(world.cluster.folder, NEW);
    for (const worker of world.cluster.workers) worker.importImage(release);
    const service = await inService(world);
    await replaced(world, service, { by: NEW, what: 'the plugin is upgraded' });
    await replaced(world, service, { by: OLD, what: 'the plugin is rolled back' });
    const turns = service.ports.turns();
    expect(turns).toEqual([...new Set(turns)]);
    await service.ports.stop();
  },
};

/** Another release on every node: clients do not notice, it finds the router as the other made it, and takes it away. */
async function replaced(
  world: World,
  { namespace, asker }: Service,
  { by, what }: { readonly by: string; readonly what: string },
): Promise<void> {
  const [router] = world.podsOf(namespace, 'partner');
  const start = Date.now();
  world.installPlugin([{ file: 'main.ts', from: projectImage(OLD), to: projectImage(by) }]);
  for (const { machine } of world.cluster.workers) expect(machine.run(PLUGIN, '--version')).toContain(` v${by}\n`);
  await asker.answered(Date.now());
  const gap = asker.longestGap(start);
  world.measurements.seconds('plugin upgrade', `${what}: longest time without an answer`, gap);
  expect(gap).toBeLessThan(5000);
  const [same] = world.podsOf(namespace, 'partner');
  expect(same!.metadata.uid).toBe(router!.metadata.uid);
  const config = configOf(world.synthesize('standalone').manifests, 'partner');
  expect(differences(world, router!, config)).toEqual([]);
  // The control: it does tell a router from another.
  expect(differences(world, router!, { ...config, ip: { addresses: ['192.168.12.98/24'] } })).not.toEqual([]);
  await deleted(world, namespace, router!);
  await asker.answered(Date.now());
}

/** By a restart: the plugin that is there now has DEL called for the old pod, and ADD for the next. */
async function deleted(world: World, namespace: string, router: Pod): Promise<void> {
  const notes = notesOf(world, router);
  expect(notes).toEqual(expect.arrayContaining([expect.stringContaining('/attachments/')]));
  world.kubectl.run(['rollout', 'restart', `--namespace=${namespace}`, 'deployment/partner']);
  await world.rolledOut(namespace, 'partner');
  const { machine } = world.nodeOf(router);
  await world.until(`no note of ${router.metadata.name} is left`, () =>
    notes.every((file) => machine.try(['test', '-e', file]).status === 1),
  );
}
