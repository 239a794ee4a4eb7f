import { DUAL_STACK } from './lab/network-config';
import type { Pod } from './lab/pod';
import { Scene } from './lab/scene';
import { networkState, storedAttachments } from './lab/state';
import { describeOnKernel } from './support/requires';

const ROUTERS = 200;

/** A router of its own for each pod: both addresses, and a rule. */
function configOf(scene: Scene, index: number) {
  return scene.config(
    {
      ...DUAL_STACK,
      addresses: [`192.168.12.${20 + index}/24`, `2001:db8:12::${(0x1000 + index).toString(16)}/64`],
    },
    { detectConflicts: true },
  );
}

/** Everything that every twentieth pod holds. */
const sample = (pods: readonly Pod[]) =>
  pods.filter((_, index) => index % 20 === 0).map(({ namespace }) => networkState(namespace));

describeOnKernel(`${ROUTERS} routers on one parent interface`, ['ip', 'nft'], () => {
  test('parallel ADD and parallel DEL: none fails, and nothing is left', async () => {
    using scene = new Scene();
    const { node, network } = scene;
    const pods: Pod[] = Array.from({ length: ROUTERS }, (_, index) =>
      node.addPod(`pod${index}`, { ipv4: `10.244.9.${index}`, ipv6: `fd00:10:244:9::${index + 1}` }),
    );
    const before = { node: networkState(node.namespace), pods: sample(pods) };

    const added = await Promise.all(pods.map((pod, index) => pod.call('ADD', configOf(scene, index))));
    expect(added.filter(({ status }) => status !== 0).map(({ stdout }) => stdout)).toEqual([]);
    expect(storedAttachments(network)).toHaveLength(ROUTERS);
    const checked = await Promise.all(pods.slice(0, 20).map((pod, index) => pod.call('CHECK', configOf(scene, index))));
    expect(checked.filter(({ status }) => status !== 0).map(({ stdout }) => stdout)).toEqual([]);

    const removed = await Promise.all(pods.map((pod, index) => pod.call('DEL', configOf(scene, index))));
    expect(removed.filter(({ status }) => status !== 0).map(({ stdout }) => stdout)).toEqual([]);
    expect(storedAttachments(network)).toEqual([]);
    expect(networkState(node.namespace)).toEqual(before.node);
    expect(sample(pods)).toEqual(before.pods);
    // Of all pods: neither a link nor a table.
    expect(pods.map(({ namespace }) => namespace.run('sh', '-ec', 'ls /sys/class/net; nft list tables'))).toEqual(
      pods.map(() => 'eth0\nlo\n'),
    );
  }, 400_000);
});
