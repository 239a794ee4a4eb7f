import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { heldState, plannedState } from '../planned-state';
import { inService } from '../service';
import type { Story } from '../story';
import type { World } from '../world';

const ROUNDS = 5;

/**
 * Two people apply different versions in the same moment. Each object is of one or the other, and so is what the router holds; who
 * applies again and restarts has the version that he means.
 */
export const twoPeople: Story = {
  name: 'two people apply at once',
  isLong: true,
  needsPower: true,
  async tell(world) {
    const service = await inService(world);
    const { namespace } = service;
    const versions = ['443', '8080'].map((port) => {
      const edits = [{ file: 'router.ts', from: 'targetPort: 80 ', to: `targetPort: ${port} ` }];
      return world.synthesize('standalone', edits).yaml;
    });
    const planned = versions.map((yaml) => plannedState(yaml, `${namespace}/partner`));
    for (let round = 0; round < ROUNDS; round++) {
      await Promise.all(versions.map((yaml) => applyBeside(world, yaml)));
      const pod = await world.rolledOut(namespace, 'partner');
      expect(planned).toContainEqual(heldState(world, pod));
    }
    world.kubectl.apply(versions[0]!);
    world.kubectl.run(['rollout', 'restart', `--namespace=${namespace}`, 'deployment/partner']);
    const pod = await world.rolledOut(namespace, 'partner');
    expect(heldState(world, pod)).toEqual(planned[0]);
    // One port after the other: each restart ends one holder before the next begins.
    const ports = service.ports.arrivals().map(({ port }) => port);
    expect(new Set(ports).size).toBeLessThanOrEqual(world.cluster.workers.length);
    await service.ports.stop();
  },
};

async function applyBeside(world: World, yaml: string): Promise<void> {
  const folder = mkdtempSync(join(world.cluster.folder, 'version-'));
  try {
    const file = join(folder, 'router.yaml');
    writeFileSync(file, yaml);
    const child = world.kubectl.start(['apply', '--server-side', `--filename=${file}`]);
    const [status] = (await once(child, 'close')) as [number];
    expect(status).toBe(0);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
