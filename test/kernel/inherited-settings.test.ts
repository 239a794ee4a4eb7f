import { join } from 'node:path';
import { ask } from './lab/echo';
import { RESERVED } from './lab/layout';
import { DUAL_STACK } from './lab/network-config';
import { Scene } from './lab/scene';
import { eventually } from './support/eventually';
import { describeOnKernel } from './support/requires';

/** Pods inherit IPv4's settings from the node: hardened nodes have some that are not the kernel's own. */
describeOnKernel('settings that the node hands down to its pods', ['ip', 'nft', 'python3'], () => {
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

  test('a default route that the node announces outlives the router', async () => {
    using scene = new Scene();
    await scene.serve();
    const { namespace } = scene.router;
    namespace.set({ 'ipv6/conf/eth0/accept_ra': '1' });
    // What an advertisement leaves: the kernel drops it when forwarding begins, unless it goes on listening.
    namespace.run('ip', '-6', 'route', 'del', 'default');
    const program = join(__dirname, 'lab', 'programs', 'router-advertisement.py');
    await eventually(() => {
      scene.node.namespace.run('python3', program, scene.router.nodeLink, '2001:db8:ad::');
      expect(namespace.run('ip', '-6', 'route', 'show', 'default')).toContain('proto ra');
    });
    const config = scene.config(DUAL_STACK);
    await scene.router.add(config);
    expect(namespace.setting('ipv6/conf/eth0/accept_ra')).toBe('2');
    expect(namespace.run('ip', '-6', 'route', 'show', 'default')).toContain('proto ra');
    expect(await ask(scene.client.namespace, `tcp ${scene.router.ipv6} 8080`)).toMatchObject({ peer: RESERVED.ipv6 });
    expect(await scene.router.call('CHECK', config)).toMatchObject({ status: 0 });
    await scene.router.del(config);
    expect(namespace.setting('ipv6/conf/eth0/accept_ra')).toBe('1');
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
