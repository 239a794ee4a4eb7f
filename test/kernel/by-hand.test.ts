import { dataPlane } from '../../src/domain/data-plane/data-plane';
import { dataPlaneCommands } from '../../src/domain/data-plane/data-plane-text';
import { decodeNetworkConfig } from '../../src/domain/router/network-config';
import { DUAL_STACK, IPV4_ONLY, IPV6_ONLY, networkConfig } from './lab/network-config';
import { Scene } from './lab/scene';
import { describeOnKernel } from './support/requires';

describeOnKernel('a router that was made by hand', ['ip', 'nft'], () => {
  let scene: Scene;
  beforeAll(() => {
    scene = new Scene();
  });
  afterAll(() => scene[Symbol.dispose]());

  test.each([
    ['IPv4', networkConfig('by-hand', IPV4_ONLY)],
    ['IPv6', networkConfig('by-hand', IPV6_ONLY)],
    ['both families', networkConfig('by-hand', DUAL_STACK)],
    [
      'a host that the router resolves',
      networkConfig(
        'by-hand',
        {
          ...DUAL_STACK,
          hosts: [{ name: 'api.bank.example', ports: ['20443 TCP 443'] }],
          resolver: { servers: ['192.168.12.53'], source: 'pod', clusterCidrs: ['10.96.0.0/12', '10.244.0.0/16'] },
        },
        { liveRules: true },
      ),
    ],
    ['counters', networkConfig('by-hand', DUAL_STACK, { counters: true })],
    [
      'a fallback beside a health port, another table and MTU',
      networkConfig(
        'by-hand',
        { ...IPV4_ONLY, fallbackIP: '203.0.113.27' },
        { healthPort: 9180, routingTable: 77, interfaceArgs: { master: 'lan0', mode: 'private', mtu: 1400 } },
      ),
    ],
  ])('a router made with the commands of the data plane passes CHECK: %s', async (_what, config) => {
    const { node, router: pod } = scene;
    const plane = dataPlane(decodeNetworkConfig(config), 'net1', 'eth0');
    for (const { command } of dataPlaneCommands(plane, 'lan0', pod.namespace.name)) {
      // The parent is on the node, and the link is made there.
      const place = command.startsWith('ip link add') ? node.namespace : pod.namespace;
      place.run('sh', '-ec', command);
    }
    const { status, json } = await pod.call('CHECK', config);
    expect({ status, ...json }).toEqual({ status: 0 });
    // DEL removes existing objects, even if they were made by hand.
    await pod.del(config);
    expect(pod.namespace.ip('link', 'show').map((link) => (link as { ifname: string }).ifname)).toEqual(['lo', 'eth0']);
  });
});
