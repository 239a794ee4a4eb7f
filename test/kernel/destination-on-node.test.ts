import { LAN } from './lab/layout';
import { DUAL_STACK } from './lab/network-config';
import { Scene } from './lab/scene';
import { fromNode } from './support/doctor';
import { describeOnKernel } from './support/requires';

describeOnKernel("a destination that is the router's own node", ['ip', 'nft'], () => {
  test.each(['ipv4', 'ipv6'] as const)('%s: ADD logs it, and doctor names it', async (family) => {
    using scene = new Scene();
    await scene.serve();
    const address = LAN.node[family].split('/')[0]!;
    const config = scene.config({ ...DUAL_STACK, destinations: [`8080 TCP ${address} 80`, `53 UDP ${address}`] });
    const { stderr } = await scene.router.add(config);
    expect(stderr.split('\n').filter((line) => line.includes(`${address} is an address of this node`))).toHaveLength(1);
    const { findings } = fromNode(scene, config);
    expect(findings.map(({ id }) => id)).toEqual(['destination-on-node']);
    expect(findings[0]!.problem).toBe(`The destination ${address} is an address of the router's own node.`);
  });

  test('another node is a destination like any other', async () => {
    using scene = new Scene();
    scene.lab.addNode('node2', LAN.secondNode);
    const config = scene.config({ ...DUAL_STACK, destinations: ['8080 TCP 192.168.12.12 80'] });
    const { stderr } = await scene.router.add(config);
    expect(stderr).not.toContain('is an address of this node');
    expect(fromNode(scene, config).findings.map(({ id }) => id)).toEqual(['destination-refuses']);
  });
});
