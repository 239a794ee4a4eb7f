import { LAN, RESERVED } from './lab/layout';
import { DUAL_STACK, IPV4_ONLY } from './lab/network-config';
import type { PluginConfig } from './lab/plugin';
import { Scene } from './lab/scene';
import { describeOnKernel, PLUGIN } from './support/requires';

interface Report {
  readonly router: string;
  readonly findings: readonly {
    readonly id: string;
    readonly problem: string;
    readonly details?: readonly string[];
    readonly commands: readonly string[];
  }[];
  readonly notLookedAt: readonly { readonly what: string; readonly needs: string }[];
}

/** A router whose servers run. */
async function router(config = DUAL_STACK as object, more: PluginConfig = {}) {
  const scene = new Scene();
  await scene.serve();
  const given = scene.config(config, more);
  await scene.router.add(given);
  return { scene, config: given };
}

/** From the node, as root. */
function examine(scene: Scene, config: PluginConfig, ...flags: string[]): Report {
  const words = [PLUGIN, 'doctor', '--json', `--netns=${scene.router.namespace.path}`, `--config=${JSON.stringify(config)}`];
  const begin = performance.now();
  const { status, stdout, stderr } = scene.node.namespace.try([...words, ...flags]);
  const seconds = (performance.now() - begin) / 1000;
  if (status !== 0 && status !== 1) throw new Error(stderr);
  const report = JSON.parse(stdout) as Report;
  expect(status).toBe(report.findings.length === 0 ? 0 : 1);
  console.info(`${seconds.toFixed(2)} s: ${report.findings.map(({ id }) => id).join(', ') || 'healthy'}`);
  return report;
}

const idsOf = ({ findings }: Report) => findings.map(({ id }) => id);

describeOnKernel('doctor, from the node', ['ip', 'nft', 'tcpdump'], () => {
  test('a healthy router has nothing', async () => {
    const { scene, config } = await router();
    using _ = scene;
    expect(examine(scene, config)).toEqual({ router: scene.network, findings: [], notLookedAt: [] });
  });

  test.each<readonly [id: string, change: (scene: Scene) => void, says: RegExp]>([
    ['parent-down', ({ node }) => node.namespace.batch('link set lan0 down'), /lan0 is down/],
    ['no-carrier', ({ lab }) => lab.lan.batch('link set br0 down'), /x/],
  ])('%s', async (id, change, says) => {
    const { scene, config } = await router();
    using _ = scene;
    change(scene);
    const report = examine(scene, config);
    console.info(JSON.stringify(report, undefined, 1));
    expect(idsOf(report)).toEqual([id]);
    expect(report.findings[0]!.problem).toMatch(says);
  });
});
void LAN;
void RESERVED;
void IPV4_ONLY;
