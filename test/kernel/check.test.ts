import type { Namespace } from './lab/namespace';
import { DUAL_STACK } from './lab/network-config';
import { Scene } from './lab/scene';
import { networkState, storedAttachments } from './lab/state';
import { LiveRouter } from './support/live-router';
import { BUN } from './support/packet-lan';
import { describeOnKernel } from './support/requires';
import { SharedScene } from './support/shared-scene';
import { Stopped } from './support/stopped';

/** Changes of a router, and the differences that CHECK reports. */
interface Manipulation {
  readonly what: string;
  readonly change: (pod: Namespace) => void;
  readonly says: RegExp;
}

const TABLE = 'inet egress_router';
const ip =
  (...lines: string[]) =>
  (pod: Namespace) =>
    pod.batch(...lines);
const ip6 =
  (...words: string[]) =>
  (pod: Namespace) =>
    void pod.run('ip', '-6', ...words);
const nft = (command: string) => (pod: Namespace) => void pod.run('nft', command);
const set = (path: string, value: string) => (pod: Namespace) => pod.set({ [path]: value });

const LINK: readonly Manipulation[] = [
  { what: 'net1 is down', change: ip('link set net1 down'), says: /net1: state is down/ },
  {
    what: 'net1 was down and is up again',
    change: ip('link set net1 down', 'link set net1 up'),
    says: /route is missing: .*default via 192\.168\.12\.1/,
  },
  {
    what: 'another MAC',
    change: ip('link set net1 address 02:00:5e:10:00:09'),
    says: /MAC address is 02:00:5e:10:00:09, not e2:65:c0:a8:0c:63/,
  },
  { what: 'another MTU', change: ip('link set net1 mtu 1400'), says: /MTU is 1400, not 1500/ },
  { what: 'no link', change: ip('link del net1'), says: /interface net1 is missing/ },
  {
    what: 'another link of that name',
    change: ip('link del net1', 'link add net1 type veth peer name other'),
    says: /kind is veth, not macvlan/,
  },
  { what: 'another mode', change: ip('link set net1 type macvlan mode private'), says: /mode is private, not bridge/ },
];

const ADDRESSES: readonly Manipulation[] = [
  {
    what: 'IPv4 address removed',
    change: ip('addr del 192.168.12.99/24 dev net1'),
    says: /address is missing: .*192\.168\.12\.99\/24/,
  },
  {
    what: 'IPv6 address removed',
    change: ip('addr del 2001:db8:12::99/64 dev net1'),
    says: /address is missing: .*2001:db8:12::99\/64/,
  },
  {
    what: 'address added',
    change: ip('addr add 192.168.12.98/24 dev net1 noprefixroute'),
    says: /address is unexpected: .*192\.168\.12\.98\/24/,
  },
];

const ROUTING: readonly Manipulation[] = [
  {
    what: 'IPv4 default route removed',
    change: ip('route del default via 192.168.12.1 table 100'),
    says: /route is missing: .*default via 192\.168\.12\.1/,
  },
  {
    what: 'IPv6 default route removed',
    change: ip('route del default via fe80::1 dev net1 table 100'),
    says: /route is missing: .*default via fe80::1/,
  },
  {
    what: 'subnet route removed',
    change: ip('route del 192.168.12.0/24 table 100'),
    says: /route is missing: .*192\.168\.12\.0\/24/,
  },
  {
    what: 'refusal removed',
    change: ip('route del unreachable default table 100 metric 4294967295'),
    says: /route is missing: .*unreachable default/,
  },
  {
    what: 'route added',
    change: ip('route add 198.51.100.0/24 via 192.168.12.1 dev net1 table 100'),
    says: /route is unexpected: .*198\.51\.100\.0\/24/,
  },
  {
    what: 'IPv4 rule removed',
    change: ip('rule del priority 1000 iif eth0 lookup 100'),
    says: /rule is missing: .*iif eth0 .*100/,
  },
  {
    what: 'IPv6 rule removed',
    change: ip6('rule', 'del', 'priority', '1001', 'iif', 'eth0', 'unreachable'),
    says: /rule is missing: .*-6 .*1001.*iif eth0.*unreachable/,
  },
  {
    what: 'rule added at our priority',
    change: ip('rule add priority 1000 from 10.244.1.7 lookup main'),
    says: /rule is unexpected: .*10\.244\.1\.7/,
  },
];

const SETTINGS: readonly Manipulation[] = [
  {
    what: 'IPv4 is not forwarded',
    change: set('ipv4/ip_forward', '0'),
    says: /sysctl net\/ipv4\/ip_forward is 0, not 1/,
  },
  {
    what: 'IPv6 is not forwarded',
    change: set('ipv6/conf/all/forwarding', '0'),
    says: /sysctl net\/ipv6\/conf\/all\/forwarding is 0, not 1/,
  },
  { what: 'proxy ARP', change: set('ipv4/conf/net1/proxy_arp', '1'), says: /conf\/net1\/proxy_arp is 1, not 0/ },
  {
    what: 'router advertisements',
    change: set('ipv6/conf/net1/accept_ra', '1'),
    says: /conf\/net1\/accept_ra is 1, not 0/,
  },
  {
    what: 'strict reverse path',
    change: set('ipv4/conf/net1/rp_filter', '1'),
    says: /conf\/net1\/rp_filter is 1, not 2/,
  },
];

const NFT: readonly Manipulation[] = [
  {
    what: 'map element removed',
    change: nft(`delete element ${TABLE} redirect4 { tcp . 8080 }`),
    says: /element redirect4 \{ tcp \. 8080 .*203\.0\.113\.26.*\} is missing/,
  },
  {
    what: 'map element added',
    change: nft(`add element ${TABLE} redirect4 { tcp . 9999 : 203.0.113.27 . 22 }`),
    says: /element redirect4 \{ tcp \. 9999 .*\} is unexpected/,
  },
  {
    what: 'map element leads elsewhere',
    change: nft(
      `delete element ${TABLE} redirect4 { tcp . 8080 }; add element ${TABLE} redirect4 { tcp . 8080 : 203.0.113.27 . 80 }`,
    ),
    says: /redirect4.*203\.0\.113\.27/,
  },
  {
    what: 'IPv6 map element removed',
    change: nft(`delete element ${TABLE} redirect6 { udp . 80 }`),
    says: /element redirect6 \{ udp \. 80 .*\} is missing/,
  },
  {
    what: 'mark of a rule removed',
    change: nft(`delete element ${TABLE} marks4 { tcp . 8443 }`),
    says: /element marks4 \{ tcp \. 8443 .*\} is missing/,
  },
  {
    what: 'rule stopped',
    change: nft(`delete element ${TABLE} sent { 2 }`),
    says: /element sent \{ .*2 \} is missing/,
  },
  {
    what: 'chain flushed',
    change: nft(`flush chain ${TABLE} forward`),
    says: /rule 1 of chain forward is missing: iifname "eth0" oifname "net1"/,
  },
  {
    what: 'rule inserted',
    change: nft(`insert rule ${TABLE} forward accept`),
    says: /rule 1 of chain forward .*unexpected/,
  },
  {
    what: 'policy accept',
    change: nft(`add chain ${TABLE} forward { type filter hook forward priority 0; policy accept; }`),
    says: /chain forward is ".*policy accept.*", not ".*policy drop/,
  },
  { what: 'chain added', change: nft(`add chain ${TABLE} another`), says: /chain another is unexpected/ },
  {
    what: 'table dormant',
    change: nft(`add table ${TABLE} { flags dormant; }`),
    says: /table inet egress_router is dormant/,
  },
  {
    what: 'map of another kind added',
    change: nft(`add map ${TABLE} verdicts { type ipv4_addr : verdict; elements = { 192.0.2.1 : accept }; }`),
    says: /^map verdicts is unexpected$/,
  },
  {
    what: 'map made anew of another kind',
    change: nft(
      `flush chain ${TABLE} prerouting; delete map ${TABLE} marks4; add map ${TABLE} marks4 { type inet_proto . inet_service : verdict; elements = { tcp . 80 : accept }; }`,
    ),
    says: /map marks4: type is "type inet_proto \. inet_service : verdict", not "type inet_proto \. inet_service : mark"/,
  },
  { what: 'table deleted', change: nft(`delete table ${TABLE}`), says: /table inet egress_router is missing/ },
];

describeOnKernel('CHECK', ['ip', 'nft'], () => {
  const shared = new SharedScene();
  afterAll(() => shared[Symbol.dispose]());

  test('green where the parent is a macvlan itself', async () => {
    using scene = new Scene();
    const { router, node } = scene;
    node.namespace.batch('link add uplink0 link lan0 type macvlan mode bridge', 'link set uplink0 up');
    const config = scene.config(DUAL_STACK, { interfaceArgs: { master: 'uplink0' } });
    await router.add(config);
    expect(await router.call('CHECK', config)).toMatchObject({ status: 0, stdout: '' });
    await router.del(config);
  });

  test('green with the MTU of the result or of the parent, and with no other', async () => {
    using scene = new Scene();
    const { router, node } = scene;
    const config = scene.config(DUAL_STACK);
    await router.add(config);
    const chained = { ...config, prevResult: { interfaces: [{ name: 'net1', mtu: 1400, sandbox: '/x' }] } };
    router.namespace.batch('link set net1 mtu 1400');
    expect(await router.call('CHECK', chained)).toMatchObject({ status: 0 });
    expect((await router.call('CHECK', config)).json.details).toContain('MTU is 1400, not 1500');
    router.namespace.batch('link set net1 mtu 1300');
    expect((await router.call('CHECK', chained)).json.details).toContain('MTU is 1300, not 1500');
    // The kernel lowers it with the parent's.
    node.namespace.batch('link set lan0 mtu 1300');
    expect(await router.call('CHECK', chained)).toMatchObject({ status: 0 });
    await router.del(config);
  });

  test('green where the default route, whose interface is the parent, has gone or moved to another one', async () => {
    using scene = new Scene();
    const { router, node } = scene;
    const config = scene.config(DUAL_STACK, { interfaceArgs: { mode: 'bridge' } });
    await router.add(config);
    node.namespace.run('ip', '-4', 'route', 'del', 'default');
    expect(await router.call('CHECK', config)).toMatchObject({ status: 0, stdout: '' });
    node.namespace.run('ip', '-6', 'route', 'del', 'default');
    expect(await router.call('CHECK', config)).toMatchObject({ status: 0, stdout: '' });
    node.addSpareInterface('lan1');
    node.namespace.batch('route add default dev lan1');
    expect(await router.call('CHECK', config)).toMatchObject({ status: 0, stdout: '' });
    await router.del(config);
  });

  test.each([...LINK, ...ADDRESSES, ...ROUTING, ...SETTINGS, ...NFT])(
    'green after ADD, and names it: $what',
    ({ change, says }) =>
      shared.use(async (scene) => {
        const { router, node, network } = scene;
        const config = scene.config(DUAL_STACK);
        const before = [networkState(router.namespace), networkState(node.namespace)];
        await router.add(config);
        expect(await router.call('CHECK', config)).toMatchObject({ status: 0, stdout: '' });

        change(router.namespace);
        const answer = await router.call('CHECK', config);
        expect(answer).toMatchObject({
          status: 1,
          json: { code: 109, msg: expect.stringContaining('net1 differs from what ADD made') },
        });
        expect(answer.json.details).toMatch(says);

        // DEL removes what is left of it, and foreign objects stay.
        await router.del(config);
        router.namespace.try(['ip', 'link', 'del', 'net1']);
        router.namespace.try(['ip', 'rule', 'del', 'priority', '1000']);
        expect([networkState(router.namespace), networkState(node.namespace)]).toEqual(before);
        expect(storedAttachments(network)).toEqual([]);
      }),
  );
});

describeOnKernel('CHECK during a change of rules', ['ip', 'nft', 'strace'], () => {
  test('compares what was there at one moment, whenever the change comes', async () => {
    using scene = new Scene();
    const { router } = scene;
    const config = scene.config(DUAL_STACK, { liveRules: true });
    await router.add(config);
    const [key, mark] = ['tcp . 9999', '99'];
    const change = (verb: 'add' | 'delete') => {
      const [target, value] = verb === 'add' ? [' : 203.0.113.27 . 22', ` : ${mark}`] : ['', ''];
      const elements = [
        `redirect4 { ${key}${target} }`,
        `marks4 { ${key}${value} }`,
        `sent { ${mark} }`,
        `received { ${mark} }`,
        'own4 { tcp . 203.0.113.27 . 22 }',
      ];
      router.namespace.run('nft', elements.map((element) => `${verb} element ${TABLE} ${element}`).join('; '));
    };
    for (let request = 1; ; request++) {
      using stopped = new Stopped(scene, { call: 'sendto', ordinal: request });
      const checked = router.call('CHECK', config, { wrapper: stopped.wrapper });
      const isStopped = await stopped.stands(checked);
      if (isStopped) {
        change(request % 2 === 1 ? 'add' : 'delete');
        stopped.goOn();
      }
      expect({ request, ...(await checked) }).toMatchObject({ request, status: 0 });
      if (isStopped) continue;
      expect(request).toBeGreaterThan(15);
      return;
    }
  });
});

describeOnKernel('CHECK of a router whose rules changed while it ran', ['ip', 'nft', BUN], () => {
  const [BEFORE, AFTER] = [
    ['1 TCP 203.0.113.25', '2 TCP 203.0.113.25', '203.0.113.27'],
    ['1 TCP 203.0.113.26', '3 UDP 203.0.113.26', '2 TCP 203.0.113.25', '203.0.113.28'],
  ];
  let live: LiveRouter;

  beforeEach(async () => {
    live = new LiveRouter({ addresses: ['192.168.12.99/24'], gateway: '192.168.12.1' });
    await live.add(BEFORE);
    await live.start();
    expect(await live.change(AFTER)).toMatchObject({ outcome: 'success', changedRules: 3 });
  });

  afterEach(() => live[Symbol.dispose]());

  const check = (destinations: readonly string[], more = {}) =>
    live.scene.router.call('CHECK', live.config(destinations, more));
  const nftInPod = (command: string) => void live.scene.router.namespace.run('nft', command);

  test('does not mind which marks the rules have, and names a rule that is another one, alone', async () => {
    // The marks are other ones than ADD's.
    expect(live.scene.router.namespace.run('nft', 'list set inet egress_router sent')).toMatch(
      /elements = { 0x00000002, 0x00000004,\s+0x00000005, 0x00000006 }/,
    );
    expect(await check(AFTER)).toMatchObject({ status: 0, stdout: '' });
    nftInPod(`delete element ${TABLE} redirect4 { tcp . 2 }`);
    const { json } = await check(AFTER);
    expect(json.details).toMatch(/^element redirect4 \{ tcp \. 2 : 203\.0\.113\.25 \. 2 \} is missing$/);
  });

  test('names what differs from a configuration that says nothing of live rules', async () => {
    const { json } = await check(BEFORE);
    expect(json).toMatchObject({ code: 109, details: expect.stringMatching(/redirect4.* 203\.0\.113\.26/) });
    expect(json.details).toMatch(/element redirect4 \{ udp \. 3 .*\} is unexpected/);
  });

  test('takes the rules in force for the wanted ones where the configuration says so, and those alone', async () => {
    const liveRules = () => check(BEFORE, { liveRules: true });
    expect(await liveRules()).toMatchObject({ status: 0, stdout: '' });
    nftInPod(`delete element ${TABLE} sent { 4 }`);
    expect((await liveRules()).json.details).toBe('element sent { 0x00000004 } is missing');
    nftInPod(`add element ${TABLE} sent { 4 }`);
    expect(await liveRules()).toMatchObject({ status: 0 });
    nftInPod(`flush chain ${TABLE} forward`);
    expect((await liveRules()).json.details).toMatch(/rule 1 of chain forward is missing: iifname "eth0"/);
    nftInPod(`delete table ${TABLE}`);
    expect((await liveRules()).json.details).toBe('table inet egress_router is missing');
  });
});
