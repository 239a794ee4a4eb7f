import { blocksOf } from '../support/markdown';
import { IPV4_ONLY } from './lab/network-config';
import type { PluginConfig } from './lab/plugin';
import type { Scene } from './lab/scene';
import { workingRouter } from './support/doctor';
import { describeOnKernel, PLUGIN } from './support/requires';

/** What docs/doctor.md shows as a report, by its first line. */
function documented(firstLine: string): string | undefined {
  return blocksOf('docs/doctor.md').find(({ text }) => text.startsWith(`${firstLine}\n`))?.text;
}

const flags = (config: PluginConfig) => ['--router=egress/egress-1', `--config=${JSON.stringify(config)}`];

/** The switch forwards no frame from the node's cable but those of the node's own MAC. */
function filterForeignMacs({ lab, node }: Scene): void {
  lab.lan.run('nft', 'add table bridge security');
  lab.lan.run('nft', 'add chain bridge security forward { type filter hook forward priority 0 ; }');
  lab.lan.run('nft', `add rule bridge security forward iifname port1 ether saddr != ${node.host.mac} drop`);
}

describeOnKernel('the report in docs/doctor.md is a real one', ['ip', 'nft'], () => {
  test('from the node, where foreign MAC addresses are dropped', async () => {
    const { scene, config } = await workingRouter(IPV4_ONLY);
    using _ = scene;
    filterForeignMacs(scene);
    const words = [PLUGIN, 'doctor', `--netns=${scene.router.namespace.path}`, ...flags(config)];
    const { status, stdout } = scene.node.namespace.try(words);
    const report = stdout
      .replaceAll(scene.node.host.mac, 'fa:16:3e:5c:0e:11')
      .replaceAll(scene.lab.gateway.mac, '52:54:00:aa:00:01');
    expect({ status, report }).toEqual({
      status: 1,
      report: documented('egress/egress-1: one finding'),
    });
  });
});
