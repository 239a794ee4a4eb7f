import { join } from 'node:path';
import { Capture } from './lab/capture';
import { ask } from './lab/echo';
import { macOf } from './lab/host';
import { LAN, PODS, RESERVED } from './lab/layout';
import type { Namespace } from './lab/namespace';
import { DUAL_STACK } from './lab/network-config';
import { Scene } from './lab/scene';
import { eventually } from './support/eventually';
import { sendIp } from './support/ip-frames';
import { describeOnKernel } from './support/requires';

/** Pods inherit IPv4's settings from the node: hardened nodes have some that are not the kernel's own. */
describeOnKernel('settings that the node hands down to its pods', ['ip', 'nft', 'python3', 'arping', 'tcpdump'], () => {
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

  const COMBINED = {
    'ipv4/conf/all/proxy_arp': '1',
    'ipv4/conf/eth0/proxy_arp': '1',
    'ipv4/conf/all/arp_ignore': '8',
    'ipv4/conf/all/accept_source_route': '1',
    'ipv6/conf/all/accept_dad': '2',
  } as const;
  const INHERITED = {
    'ipv4/conf/default/proxy_arp': '1',
    'ipv4/conf/default/accept_source_route': '1',
  } as const;

  /** A router of a node with every such setting, and a host of the LAN. */
  async function hardened() {
    const scene = new Scene();
    scene.router.namespace.set({ ...COMBINED, ...INHERITED });
    const config = scene.config(DUAL_STACK);
    await scene.router.add(config);
    const neighbour = scene.lab.host('neighbour', LAN.outsider);
    return { scene, config, neighbour, [Symbol.dispose]: () => scene[Symbol.dispose]() };
  }

  /** Which of the addresses are answered for. */
  function answered(from: Namespace, link: string, addresses: readonly string[]) {
    const asks = (address: string) => from.try(['arping', '-c', '1', '-w', '1', '-I', link, address]).status === 0;
    return addresses.filter(asks);
  }

  test('an interface answers for its own addresses only, whatever the kernel combines with its settings', async () => {
    using it = await hardened();
    const { scene, neighbour } = it;
    const addresses = [RESERVED.ipv4, PODS.router.ipv4, PODS.client.ipv4, '192.168.12.123', '8.8.8.8'];
    expect(answered(neighbour.namespace, neighbour.link, addresses)).toEqual([RESERVED.ipv4]);
    expect(answered(scene.node.namespace, scene.router.nodeLink, addresses)).toEqual([PODS.router.ipv4]);
  });

  test('CHECK compares the combined settings, and DEL restores them', async () => {
    using it = await hardened();
    const { scene, config } = it;
    const { namespace } = scene.router;
    expect(await scene.router.call('CHECK', config)).toMatchObject({ status: 0 });
    namespace.set({ 'ipv4/conf/all/proxy_arp': '1', 'ipv6/conf/all/accept_dad': '1' });
    const { json } = await scene.router.call('CHECK', config);
    expect(json.details).toContain('sysctl net/ipv4/conf/all/proxy_arp is 1, not 0');
    expect(json.details).toContain('sysctl net/ipv6/conf/all/accept_dad is 1, not 0');
    await scene.router.del(config);
    const after = Object.keys(COMBINED).map((path) => [path, namespace.setting(path)]);
    expect(Object.fromEntries(after)).toEqual(COMBINED);
  });

  test("a route in a packet's header does not lead past the reserved address", async () => {
    using it = await hardened();
    const { scene, neighbour } = it;
    const { namespace } = scene.router;
    const [byCluster, byLan] = await Promise.all(
      ['eth0', 'net1'].map((link) => Capture.start(namespace, link, 'icmp[icmptype] == icmp-echoreply')),
    );
    const frame = { link: neighbour.link, mac: macOf(namespace, 'net1'), source: PODS.client.ipv4 };
    sendIp(neighbour.namespace, { ...frame, destination: RESERVED.ipv4 }, ['routed-echo', PODS.router.ipv4]);
    // Control: without a route in its header the router answers.
    sendIp(neighbour.namespace, { ...frame, source: neighbour.ipv4, destination: RESERVED.ipv4 }, ['echo']);
    await byLan!.first(({ text }) => text.includes(`${RESERVED.ipv4} > ${neighbour.ipv4}`));
    expect((await byLan!.stop()).length).toBe(1);
    expect(await byCluster!.stop()).toEqual([]);
  });
});
