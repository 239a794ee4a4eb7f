import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from '../environment';
import { heldState, plannedState } from '../planned-state';
import type { Scenario } from '../scenario';
import { inService } from '../service';

const ROUNDS = 5;

/**
 * Two people apply different versions at the same moment. Each object is of one or the other version, and so is the
 * router's state; applying again and restarting gives the intended version.
 */
export const twoPeople: Scenario = {
  name: 'two people apply at once',
  isLong: true,
  needsOwnCluster: true,
  async run(environment) {
    const service = await inService(environment);
    const { namespace } = service;
    const versions = ['443', '8080'].map((port) => {
      const edits = [{ file: 'router.ts', from: 'targetPort: 80 ', to: `targetPort: ${port} ` }];
      return environment.synthesize('standalone', edits).yaml;
    });
    const planned = versions.map((yaml) => plannedState(yaml, `${namespace}/partner`));
    for (let round = 0; round < ROUNDS; round++) {
      await Promise.all(versions.map((yaml) => applyBeside(environment, yaml)));
      const pod = await environment.rolledOut(namespace, 'partner');
      expect(planned).toContainEqual(heldState(environment, pod));
    }
    environment.kubectl.apply(versions[0]!);
    environment.kubectl.run(['rollout', 'restart', `--namespace=${namespace}`, 'deployment/partner']);
    const pod = await environment.rolledOut(namespace, 'partner');
    expect(heldState(environment, pod)).toEqual(planned[0]);
    // One port after the other: each restart ends one holder before the next begins.
    const ports = service.ports.arrivals().map(({ port }) => port);
    expect(new Set(ports).size).toBeLessThanOrEqual(environment.cluster.workers.length);
    await service.ports.stop();
  },
};

async function applyBeside(environment: Environment, yaml: string): Promise<void> {
  const folder = mkdtempSync(join(environment.cluster.folder, 'version-'));
  try {
    const file = join(folder, 'router.yaml');
    writeFileSync(file, yaml);
    const child = environment.kubectl.start(['apply', '--server-side', `--filename=${file}`]);
    const [status] = (await once(child, 'close')) as [number];
    expect(status).toBe(0);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
