import { join } from 'node:path';
import { ask } from './lab/echo';
import { LAN, RESERVED } from './lab/layout';
import { DUAL_STACK, IPV4_ONLY, IPV6_ONLY } from './lab/network-config';
import type { PluginConfig } from './lab/plugin';
import type { Pod } from './lab/pod';
import { Scene } from './lab/scene';
import { type NetworkState, networkState } from './lab/state';
import { eventually } from './support/eventually';
import { BUN } from './support/packet-lan';
import { describeOnKernel } from './support/requires';

const DRIVER = join(__dirname, 'support/role-link-driver.ts');
const PACKET_DRIVER = join(__dirname, 'support/packet-driver.ts');
const STANDBY_MAC = 'e6:65:c0:a8:0c:63';
const OTHER_POD = { ipv4: '10.244.2.5', ipv6: 'fd00:10:244:2::5' };

interface Change {
  readonly before: string;
  readonly after: string;
  readonly error?: string;
}

/** Sets the link of a pod's router to one state after the other. */
function set(pod: Pod, config: PluginConfig, ...states: string[]): Change[] {
  const lines = pod.namespace
    .run(BUN, DRIVER, JSON.stringify(config), STANDBY_MAC, ...states)
    .trim()
    .split('\n');
  return lines.map((line) => JSON.parse(line));
}

interface LinkShown {
  readonly address: string;
  readonly flags: readonly string[];
}
interface AddressesShown {
  readonly addr_info: readonly { readonly local: string; readonly scope: string }[];
}

/** What the LAN may see of a pod: its MAC address while its link is up, and its addresses. */
function seen({ namespace }: Pod): { readonly mac?: string; readonly addresses: string[] } {
  const [link] = namespace.ip<LinkShown>('link', 'show', 'net1');
  const [shown] = namespace.ip<AddressesShown>('address', 'show', 'net1');
  const addresses = shown!.addr_info.filter(({ scope }) => scope === 'global').map(({ local }) => local);
  return link!.flags.includes('UP') ? { mac: link!.address, addresses } : { addresses };
}

/** Routes by which a packet of a client would leave. */
const routes = ({ namespace }: Pod) =>
  ['-4', '-6'].flatMap((family) =>
    namespace
      .run('ip', family, 'route', 'show', 'table', 'all')
      .split('\n')
      .filter((line) => line.includes('net1') && line.includes('table 100')),
  );

/**
 * What the pod's namespace holds, without the anycast address of routers of a subnet: the kernel joins it in a queue of
 * its own, and may have left it when an address comes back at once.
 */
function stateOf({ namespace }: Pod): NetworkState {
  const state = networkState(namespace);
  return { ...state, routes: state.routes.filter((route) => !route.startsWith('anycast ')) };
}

const ADDRESSES = { IPv4: IPV4_ONLY, IPv6: IPV6_ONLY, 'dual stack': DUAL_STACK };

describeOnKernel("the link of a pair's pod", ['ip', 'nft'], () => {
  test.each(Object.entries(ADDRESSES))('leaves the LAN and comes back as ADD made it, %s', async (_name, ip) => {
    using scene = new Scene();
    const { router } = scene;
    const config = scene.config(ip);
    await router.add(config);
    const before = stateOf(router);
    const { mac } = seen(router);

    expect(routes(router).length).toBeGreaterThan(0);
    expect(set(router, config, 'down')).toMatchObject([{ before: 'held', after: 'down' }]);
    expect([seen(router), routes(router)]).toEqual([{ addresses: [] }, []]);

    expect(set(router, config, 'listening')).toMatchObject([{ before: 'down', after: 'listening' }]);
    expect([seen(router), routes(router)]).toEqual([{ mac: STANDBY_MAC, addresses: [] }, []]);

    expect(set(router, config, 'asking')).toMatchObject([{ before: 'listening', after: 'asking' }]);
    const asking = seen(router);
    expect([asking.addresses, routes(router)]).toEqual([[], []]);
    expect([mac, STANDBY_MAC]).not.toContain(asking.mac);

    for (const from of ['asking', 'listening', 'down', 'held']) {
      set(router, config, from);
      expect(set(router, config, 'held')).toMatchObject([{ before: from, after: 'held' }]);
      await eventually(() => expect(stateOf(router)).toEqual(before));
    }
    expect(await router.call('CHECK', config)).toMatchObject({ status: 0 });
  });

  test.each(Object.entries(ADDRESSES))(
    'is down when ADD has made it, and lacks the addresses alone, %s',
    async (_, ip) => {
      using scene = new Scene();
      const config = { ...scene.config(ip), standbyMac: STANDBY_MAC };
      const pods = [scene.router, scene.node.addPod('second', OTHER_POD)];
      for (const pod of pods) {
        const { json } = await pod.add(config);
        expect(json).toMatchObject({ interfaces: [{ name: 'net1', mac: STANDBY_MAC }], ips: [] });
        expect(json).not.toHaveProperty('routes');
        expect([seen(pod), routes(pod)]).toEqual([{ addresses: [] }, []]);
        expect(await pod.call('CHECK', config)).toMatchObject({ status: 0 });
      }
      const [router] = pods as [Pod];
      set(router, config, 'held');
      expect(await router.call('CHECK', config)).toMatchObject({ status: 0 });
      for (const family of ['-4', '-6']) {
        router.namespace.try(['ip', family, 'route', 'flush', 'table', '100', 'dev', 'net1']);
      }
      expect(await router.call('CHECK', config)).toMatchObject({ status: 1 });
      await router.del(config);
      expect(router.namespace.run('nft', 'list', 'tables').trim()).toBe('');
    },
  );

  test('lets no client through while it has no address', async () => {
    using scene = new Scene();
    await scene.serve();
    const config = scene.config(IPV4_ONLY);
    await scene.router.add(config);
    set(scene.router, config, 'listening');
    const refused = await ask(scene.client.namespace, `tcp ${scene.router.ipv4} 8080`, { milliseconds: 1500 });
    expect(refused.error).toBeDefined();
    set(scene.router, config, 'held');
    expect(await ask(scene.client.namespace, `tcp ${scene.router.ipv4} 8080`)).toMatchObject({ peer: RESERVED.ipv4 });
  });

  test('moves from a pod to another one on another node', async () => {
    using scene = new Scene();
    await scene.serve();
    const config = scene.config(IPV4_ONLY);
    const second = scene.lab.addNode('node2', LAN.secondNode).addPod('second', OTHER_POD);
    await second.add(config);
    set(second, config, 'listening');
    await scene.router.add(config);
    const asked = () => ask(scene.client.namespace, `tcp ${scene.router.ipv4} 8080`);
    expect(await asked()).toMatchObject({ peer: RESERVED.ipv4 });

    set(scene.router, config, 'down');
    set(second, config, 'held');
    second.namespace.run(BUN, PACKET_DRIVER, 'announce', 'net1', RESERVED.ipv4, '1', '0');
    expect(
      await ask(
        second.node.addPod('client2', { ipv4: '10.244.2.6', ipv6: 'fd00:10:244:2::6' }).namespace,
        `tcp ${second.ipv4} 8080`,
      ),
    ).toMatchObject({ peer: RESERVED.ipv4 });
  });

  test('is down without the addresses when another pod of the node has its MAC address', async () => {
    using scene = new Scene();
    const config = scene.config(DUAL_STACK);
    const second = scene.node.addPod('second', OTHER_POD);
    await second.add(config);
    set(second, config, 'listening');
    await scene.router.add(config);
    expect(set(second, config, 'held')).toEqual([
      {
        before: 'listening',
        after: 'down',
        ms: expect.anything(),
        error: expect.stringMatching(/address in use|EADDRINUSE/i),
      },
    ]);
    expect([seen(second), routes(second)]).toEqual([{ addresses: [] }, []]);
  });
});
