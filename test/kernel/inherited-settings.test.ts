import { ask } from './lab/echo';
import { RESERVED } from './lab/layout';
import { DUAL_STACK } from './lab/network-config';
import { Scene } from './lab/scene';
import { describeOnKernel } from './support/requires';

/** Pods inherit IPv4's settings from the node: hardened nodes have some that are not the kernel's own. */
describeOnKernel('settings that the node hands down to its pods', ['ip', 'nft'], () => {
  test('forwarding on as a whole, off for each interface', async () => {
    using scene = new Scene();
    await scene.serve();
    const { namespace } = scene.router;
    const inherited = {
      'ipv4/ip_forward': '1',
      'ipv4/conf/default/forwarding': '0',
      'ipv4/conf/eth0/forwarding': '0',
    };
    namespace.set(inherited);
    const config = scene.config(DUAL_STACK);
    await scene.router.add(config);
    expect(await ask(scene.client.namespace, `tcp ${scene.router.ipv4} 8080`)).toMatchObject({ peer: RESERVED.ipv4 });
    await scene.router.del(config);
    const after = Object.keys(inherited).map((path) => [path, namespace.setting(path)]);
    expect(Object.fromEntries(after)).toEqual(inherited);
  });

  test('strict reverse path filter, redirects, proxy ARP', async () => {
    using scene = new Scene();
    await scene.serve();
    scene.router.namespace.set({
      'ipv4/conf/all/rp_filter': '1',
      'ipv4/conf/default/rp_filter': '1',
      'ipv4/conf/eth0/rp_filter': '1',
      'ipv4/conf/default/accept_redirects': '1',
      'ipv4/conf/default/proxy_arp': '1',
      'ipv6/conf/default/accept_ra': '1',
    });
    await scene.router.add(scene.config(DUAL_STACK));
    expect(await ask(scene.client.namespace, `tcp ${scene.router.ipv4} 8080`)).toMatchObject({ peer: RESERVED.ipv4 });
    expect(await ask(scene.client.namespace, `udp ${scene.router.ipv6} 80`)).toMatchObject({ peer: RESERVED.ipv6 });
  });
});
