import { Capture } from './lab/capture';
import { ask, startEcho } from './lab/echo';
import { RESERVED } from './lab/layout';
import { DUAL_STACK } from './lab/network-config';
import { Scene } from './lab/scene';
import { describeOnKernel } from './support/requires';

/** The node's address and the reserved one are in one subnet: answers to the node must not go out there. */
describeOnKernel("the node's own address is a client too", ['ip', 'nft', 'tcpdump'], () => {
  test.each([
    { family: 'ipv4', fallbackIP: undefined },
    { family: 'ipv6', fallbackIP: undefined },
    { family: 'ipv4', fallbackIP: '203.0.113.27' },
    { family: 'ipv6', fallbackIP: '2001:db8:113::27' },
  ] as const)(
    "$family, fallback $fallbackIP: the kubelet's probe is answered by eth0",
    async ({ family, fallbackIP }) => {
      using scene = new Scene();
      const { router, node } = scene;
      await startEcho(router.namespace, `tcp ${router[family]} 9180`);
      await router.add(scene.config({ ...DUAL_STACK, fallbackIP }, { healthPort: 9180 }));
      const byNet1 = await Capture.start(router.namespace, 'net1', 'tcp port 9180');
      expect(await ask(node.namespace, `tcp ${router[family]} 9180`)).toMatchObject({ peer: node.host[family] });
      expect(await byNet1.stop()).toEqual([]);
    },
  );

  test.each(['ipv4', 'ipv6'] as const)('%s: a client behind it uses a rule', async (family) => {
    using scene = new Scene();
    await scene.serve();
    const { router, node } = scene;
    await router.add(scene.config(DUAL_STACK));
    const capture = await Capture.start(router.namespace, 'eth0', 'tcp port 8080');
    expect(await ask(node.namespace, `tcp ${router[family]} 8080`)).toMatchObject({ peer: RESERVED[family] });
    const texts = (await capture.stop()).map(({ text }) => text);
    expect(texts.some((text) => text.includes(`${node.host[family]}.`))).toBe(true);
  });
});
