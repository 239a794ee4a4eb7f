import { Capture } from './lab/capture';
import { ask } from './lab/echo';
import { LAN, PODS, RESERVED } from './lab/layout';
import { DUAL_STACK, IPV4_ONLY, IPV6_ONLY } from './lab/network-config';
import { Scene } from './lab/scene';
import { networkState } from './lab/state';
import { eventually } from './support/eventually';
import { type MultusRelease, MultusRoutes } from './support/multus-routes';
import { describeOnKernel, PLUGIN } from './support/requires';

const GATEWAYS = { ipv4: '192.168.12.1', ipv6: LAN.linkLocalGateway };

const ROUTERS = [
  { what: 'IPv4', ip: IPV4_ONLY, families: ['ipv4'] },
  { what: 'IPv6', ip: IPV6_ONLY, families: ['ipv6'] },
  { what: 'both families', ip: DUAL_STACK, families: ['ipv4', 'ipv6'] },
] as const;

const RELEASES: readonly MultusRelease[] = ['4.2.0', '4.2.2'];

/** Frames that only eth0 may carry, on the LAN: cluster addresses. */
const OF_CLUSTER = 'net 10.244.0.0/16 or net fd00:10:244::/48';
/** Packets that only net1 may carry, on eth0. */
const OF_LAN = `dst net 203.0.113.0/24 or dst net 2001:db8:113::/64 or host ${RESERVED.ipv4} or host ${RESERVED.ipv6}`;

/** ADD between the steps of Multus for a pod whose annotation has `default-route`. */
async function attach(scene: Scene, release: MultusRelease, config: object, gateways: readonly string[]) {
  const multus = new MultusRoutes(release);
  const { namespace } = scene.router;
  multus.deleteDefault(namespace, 'eth0');
  const before = networkState(namespace);
  await scene.router.add(config as Parameters<typeof scene.router.add>[0]);
  multus.setDefault(namespace, 'net1', gateways);
  return before;
}

function defaults(scene: Scene, family: 'ipv4' | 'ipv6'): readonly string[] {
  const words = [family === 'ipv4' ? '-4' : '-6', 'route', 'show', 'default'];
  return scene.router.namespace.ip<{ dev: string }>(...words).map(({ dev }) => dev);
}

describeOnKernel('Multus moves the default route of the pod to net1', ['ip', 'nft', 'tcpdump', 'curl', 'go'], () => {
  describe.each(RELEASES)('Multus %s', (release) => {
    test.each(ROUTERS)(
      '$what: clients and the node are answered by eth0, servers by net1, and CHECK, serve and DEL work',
      async ({ ip, families }) => {
        using scene = new Scene();
        await scene.serve();
        const { router } = scene;
        const config = scene.config(ip, { healthPort: 9180 });
        const gateways = families.map((family) => GATEWAYS[family]);
        const before = await attach(scene, release, config, gateways);
        // Later releases find the route of eth0 and keep it.
        for (const family of families) expect(defaults(scene, family)).toEqual([release === '4.2.0' ? 'net1' : 'eth0']);

        const onLan = await Capture.start(scene.lab.lan, 'br0', OF_CLUSTER);
        const onEth0 = await Capture.start(router.namespace, 'eth0', OF_LAN);
        for (const family of families) await expectAnswers(scene, family);
        await expectReady(
          scene,
          config,
          families.map((family) => router[family]),
        );
        expect(await onLan.stop()).toEqual([]);
        expect(await onEth0.stop()).toEqual([]);
        expect(await router.call('CHECK', config)).toMatchObject({ status: 0 });

        await router.del(config);
        const { routes, rules } = networkState(router.namespace);
        expect({ routes, rules }).toEqual({ routes: before.routes, rules: before.rules });
      },
      60_000,
    );
  });

  /** A client of another pod and the node, whose address is in the subnet of the LAN. */
  async function expectAnswers({ router, client, node }: Scene, family: 'ipv4' | 'ipv6'): Promise<void> {
    for (const from of [client.namespace, node.namespace]) {
      for (const service of [`tcp ${router[family]} 8080`, `udp ${router[family]} 80`] as const)
        expect(await ask(from, service)).toMatchObject({ peer: RESERVED[family] });
    }
  }

  /** As the kubelet asks, from the node. */
  async function expectReady({ router, node }: Scene, config: object, hosts: readonly string[]): Promise<void> {
    const words = [PLUGIN, 'serve', '--router=prod/db', `--config=${JSON.stringify(config)}`];
    const child = router.namespace.start(words, { stdio: 'ignore' });
    for (const host of hosts) {
      const url = `http://${host.includes(':') ? `[${host}]` : host}:9180/readyz`;
      await eventually(
        () => expect(node.namespace.try(['curl', '-g', '-s', '-m', '2', url])).toMatchObject({ stdout: 'ok\n' }),
        20_000,
      );
    }
    child.kill('SIGTERM');
  }
});

describeOnKernel('the default route of eth0 is gone before ADD', ['ip', 'nft', 'go'], () => {
  const { router, gateway4 } = PODS;

  test.each([
    {
      network: 'with a host route to its gateway (Calico, Cilium)',
      before: [],
      ipv4: gateway4,
      ipv6: 'fe80::[0-9a-f:]+',
    },
    {
      network: 'with routes of the cluster by its gateway (OVN-Kubernetes, flannel)',
      before: [
        `addr add ${router.ipv4}/24 dev eth0`,
        'route add 10.244.0.0/16 via 10.244.0.2 dev eth0',
        'route add 10.96.0.0/12 via 10.244.0.3 dev eth0',
        'addr add fd00:10:244::7/64 dev eth0 nodad',
        'route add fd00:10:244::/48 via fd00:10:244::2 dev eth0',
      ],
      ipv4: '10.244.0.3',
      ipv6: 'fd00:10:244::2',
    },
  ])('ADD keeps a route to clients on a cluster network $network', async ({ before, ipv4, ipv6 }) => {
    using scene = new Scene();
    const { namespace } = scene.router;
    namespace.batch(...before);
    await attach(scene, '4.2.0', scene.config(DUAL_STACK), Object.values(GATEWAYS));
    expect(kept(scene)).toEqual([`${ipv4} eth0`, expect.stringMatching(new RegExp(`^${ipv6} eth0$`))]);
  });

  test('ADD keeps a route by the address of the bridge that the pod is in', async () => {
    using scene = new Scene();
    const { node } = scene;
    scene.router.namespace.batch(
      'route flush dev eth0',
      'addr flush dev eth0',
      'addr add 10.244.9.5/24 dev eth0',
      'addr add fd00:10:244:9::5/64 dev eth0 nodad',
    );
    node.namespace.batch(
      'link add cni0 type bridge',
      'link set cni0 addrgenmode none up',
      `link set ${scene.router.nodeLink} master cni0`,
      'addr add 10.244.9.1/24 dev cni0',
      'addr add fd00:10:244:9::1/64 dev cni0 nodad',
    );
    await attach(scene, '4.2.0', scene.config(DUAL_STACK), Object.values(GATEWAYS));
    expect(kept(scene)).toEqual(['10.244.9.1 eth0', 'fd00:10:244:9::1 eth0']);
  });

  test('without a trace of a gateway, answers to unknown clients are rejected and stay off the LAN', async () => {
    using scene = new Scene();
    await scene.serve();
    const { namespace } = scene.router;
    namespace.batch(
      `route replace ${PODS.client.ipv4} dev eth0 scope link`,
      `route del ${gateway4} dev eth0`,
      `route replace ${PODS.third.ipv4} dev eth0 scope link`,
    );
    const config = scene.config(IPV4_ONLY, { log_level: 'debug' });
    new MultusRoutes('4.2.0').deleteDefault(namespace, 'eth0');
    const { stderr } = await scene.router.add(config);
    new MultusRoutes('4.2.0').setDefault(namespace, 'net1', ['192.168.12.1']);
    expect(stderr).toContain('eth0 has no default IPv4 route');
    expect(kept(scene)).toEqual(['throw']);
    expect(await scene.router.call('CHECK', config)).toMatchObject({ status: 0 });
    const answer = namespace.try(['ip', 'route', 'get', '198.51.100.7', 'from', '203.0.113.26', 'iif', 'net1']);
    expect(answer.stderr).toContain('unreachable');
    await scene.router.del(config);
    expect(kept(scene)).toEqual([]);
  });

  test.each([
    ['of another subnet', '198.51.100.1', 'network is unreachable'],
    ['of IPv6 if net1 has only an IPv4 address', LAN.linkLocalGateway, 'permission denied'],
  ])('Multus fails the pod for a gateway %s', async (_what, gateway, reason) => {
    using scene = new Scene();
    await scene.router.add(scene.config(IPV4_ONLY));
    const set = () => new MultusRoutes('4.2.0').setDefault(scene.router.namespace, 'net1', [gateway]);
    expect(set).toThrow(reason);
  });

  test('CHECK reports that the kept route is gone, although Multus has deleted the original', async () => {
    using scene = new Scene();
    const config = scene.config(IPV4_ONLY);
    await attach(scene, '4.2.0', config, [GATEWAYS.ipv4]);
    expect(await scene.router.call('CHECK', config)).toMatchObject({ status: 0 });
    scene.router.namespace.batch('route flush table 101');
    expect(await scene.router.call('CHECK', config)).toMatchObject({
      status: 1,
      json: { code: 109, details: expect.stringContaining('route add default via GATEWAY table 101 dev eth0') },
    });
  });

  function kept({ router: { namespace } }: Scene): readonly string[] {
    const routes = ['-4', '-6'].flatMap((family) =>
      namespace.run('ip', family, 'route', 'show', 'table', 'all').split('\n'),
    );
    return routes
      .filter((route) => route.includes(' table 101 '))
      .map((route) => /via (\S+) dev (\S+)|^throw/.exec(route)!)
      .map(([whole, gateway, link]) => (gateway === undefined ? whole : `${gateway} ${link}`));
  }
});
