import { randomInt } from 'node:crypto';
import { readDocument } from '../support/markdown';
import { Capture } from './lab/capture';
import { DUAL_STACK, IPV4_ONLY } from './lab/network-config';
import type { PluginConfig } from './lab/plugin';
import type { Scene } from './lab/scene';
import { fromNode, fromPod, idsOf, type Report, report, timings, UNPRIVILEGED, workingRouter } from './support/doctor';
import { eventually } from './support/eventually';
import { describeOnKernel, PLUGIN } from './support/requires';

const TOOLS = ['ip', 'nft', 'tcpdump', 'setpriv', 'python3'];

/** A fault of a router, and doctor's findings about it. */
interface Fault {
  readonly what: string;
  readonly ip?: object;
  readonly more?: PluginConfig;
  /** Before ADD's router is there. */
  readonly change: (scene: Scene) => unknown;
  /** The findings from the node, in their order. */
  readonly ids: readonly string[];
  readonly says: RegExp;
  /** Those from the pod without privileges, where they are others. */
  readonly fromPod?: readonly string[];
}

const pod =
  (...lines: string[]) =>
  ({ router }: Scene) =>
    router.namespace.batch(...lines);
const inPod =
  (...words: string[]) =>
  ({ router }: Scene) =>
    router.namespace.run(...words);
const onLan =
  (...words: string[]) =>
  ({ lab }: Scene) =>
    lab.lan.run(...words);

/** Port security: the switch takes no frame from the node's cable that has another MAC than the node's own. */
function filterMacs({ lab, node }: Scene): void {
  lab.lan.run('nft', 'add table bridge security');
  lab.lan.run('nft', 'add chain bridge security forward { type filter hook forward priority 0 ; }');
  lab.lan.run('nft', `add rule bridge security forward iifname port1 ether saddr != ${node.host.mac} drop`);
}

const LOCAL: readonly Fault[] = [
  {
    what: 'the parent is down',
    change: ({ node }) => node.namespace.batch('link set lan0 down'),
    ids: ['parent-down'],
    says: /parent interface lan0 is down/,
    fromPod: ['no-carrier'],
  },
  {
    what: 'the cable is out',
    change: onLan('ip', 'link', 'set', 'port1', 'down'),
    ids: ['no-carrier'],
    says: /lan0 has no carrier/,
  },
  { what: 'net1 is down', change: pod('link set net1 down'), ids: ['link'], says: /net1 differs from/ },
  { what: 'net1 is gone', change: pod('link del net1'), ids: ['link'], says: /net1 differs from/ },
  {
    what: 'an address is gone',
    change: pod('addr del 192.168.12.99/24 dev net1'),
    ids: ['address'],
    says: /addresses of net1/,
  },
  {
    what: 'net1 was down for a moment',
    ip: IPV4_ONLY,
    change: pod('link set net1 down', 'link set net1 up'),
    ids: ['route'],
    says: /routes to the LAN/,
  },
  {
    what: 'net1 was down for a moment, and lost its IPv6 address',
    change: pod('link set net1 down', 'link set net1 up'),
    ids: ['address'],
    says: /addresses of net1/,
  },
  {
    what: 'a policy rule is gone',
    change: inPod('ip', 'rule', 'del', 'priority', '1000', 'iif', 'eth0'),
    ids: ['policy-rule'],
    says: /policy rules/,
  },
  {
    what: 'forwarding is off',
    change: ({ router }) => router.namespace.set({ 'ipv4/ip_forward': '0' }),
    ids: ['forwarding'],
    says: /does not forward/,
  },
  {
    what: 'the way back to the clients is gone',
    change: pod('route del default', 'route flush table 101'),
    ids: ['client-route'],
    says: /no return route to the clients by eth0/,
  },
  {
    what: 'the copy of the default route is gone',
    change: pod('route flush table 101'),
    ids: ['client-route'],
    says: /copy of the pod's default routes differs/,
  },
  {
    what: 'a setting of net1 is another one',
    change: ({ router }) => router.namespace.set({ 'ipv4/conf/net1/proxy_arp': '1' }),
    ids: ['sysctl'],
    says: /settings differ from/,
  },
  {
    what: 'an element of a map is gone',
    change: inPod('nft', 'delete element inet egress_router redirect4 { tcp . 8080 : 203.0.113.26 . 80 }'),
    ids: ['table'],
    says: /table differs from this router's/,
    fromPod: [],
  },
  {
    what: 'a chain lets everything in',
    change: inPod('nft', 'flush chain inet egress_router input'),
    ids: ['table'],
    says: /table differs from this router's/,
    fromPod: [],
  },
];

afterAll(() => {
  const lines = timings.map(({ seconds, ids }) => `${seconds.toFixed(2)} s  ${ids.join(', ') || 'healthy'}`);
  console.info(`doctor took\n${lines.sort().reverse().join('\n')}`);
});

describeOnKernel('doctor finds nothing in a healthy router', TOOLS, () => {
  test('from the node', async () => {
    const { scene, config } = await workingRouter(DUAL_STACK);
    using _ = scene;
    expect(fromNode(scene, config)).toEqual({ router: scene.network, findings: [], notExamined: [] });
  });

  test('from the pod, and it says what it cannot see', async () => {
    const { scene, config } = await workingRouter(DUAL_STACK);
    using _ = scene;
    const { findings, notExamined } = fromPod(scene, config);
    expect(findings).toEqual([]);
    expect(notExamined.map(({ needs }) => needs)).toEqual([
      'the node',
      'NET_RAW',
      'NET_ADMIN',
      'NET_ADMIN',
      'NET_ADMIN',
      'NET_RAW, or doctor on the node',
    ]);
    expect(notExamined.at(-1)!.what).toBe(
      "the path MTU to the destinations: the router's own table drops other probes from the pod than frames of net1",
    );
  });

  test('after its parent interface was down: it has kept its routes', async () => {
    const { scene, config } = await workingRouter(DUAL_STACK);
    using _ = scene;
    scene.node.namespace.batch('link set lan0 down');
    expect(idsOf(fromNode(scene, config))).toEqual(['parent-down']);
    scene.node.namespace.batch('link set lan0 up');
    await eventually(() => expect(fromNode(scene, config).findings).toEqual([]));
  });

  test('whose cluster network has a default route without a gateway', async () => {
    const { scene, config } = await workingRouter(IPV4_ONLY);
    using _ = scene;
    scene.router.namespace.batch('route replace default dev eth0 scope link');
    expect(idsOf(fromNode(scene, config))).toEqual([]);
  });

  test('whose rules have been changed live: the attachment has those that it began with', async () => {
    const { scene, config } = await workingRouter(IPV4_ONLY, { liveRules: true, healthPort: 9180 });
    using _ = scene;
    const [, ...destinations] = IPV4_ONLY.destinations;
    const attachment = { ...config, ip: { ...IPV4_ONLY, destinations } };
    expect(idsOf(fromNode(scene, attachment))).toEqual([]);
    expect(idsOf(fromNode(scene, { ...attachment, liveRules: false }))).toEqual(['table']);
  });

  const runs = process.env.EGRESS_ROUTER_FULL ? 1000 : 20;
  test(`${runs} times, while traffic passes and the machine is busy`, async () => {
    const { scene, config } = await workingRouter(DUAL_STACK);
    using _ = scene;
    const busy = [1, 2].map(() => scene.client.namespace.start(['sh', '-c', 'while :; do :; done']));
    const alarms: Report[] = [];
    for (let run = 0; run < runs; run++) {
      const found = run % 2 === 0 ? fromNode(scene, config) : fromPod(scene, config);
      if (found.findings.length > 0) alarms.push(found);
    }
    for (const child of busy) child.kill('SIGKILL');
    expect(alarms).toEqual([]);
  }, 3_600_000);
});

describeOnKernel('doctor names the cause, and not what follows from it', TOOLS, () => {
  describe.each(LOCAL)('$what', ({ ip = DUAL_STACK, more, change, ids, says, ...fault }) => {
    test('from the node', async () => {
      const { scene, config } = await workingRouter(ip, more);
      using _ = scene;
      change(scene);
      const found = fromNode(scene, config);
      expect({ ids: idsOf(found), found }).toMatchObject({ ids });
      expect(found.findings[0]!.problem).toMatch(says);
    });

    test('from the pod', async () => {
      const { scene, config } = await workingRouter(ip, more);
      using _ = scene;
      change(scene);
      const found = fromPod(scene, config);
      expect({ ids: idsOf(found), found }).toMatchObject({ ids: fault.fromPod ?? ids });
    });
  });

  test('net1 was down for a moment: what is missing can be typed, and nothing is left', async () => {
    const { scene, config } = await workingRouter(DUAL_STACK);
    using _ = scene;
    scene.router.namespace.batch('link set net1 down', 'link set net1 up');
    const { details } = fromNode(scene, config).findings[0]!;
    expect(details).toContain('address is missing: ip address add 2001:db8:12::99/64 dev net1 noprefixroute nodad');
    const commands = details!.map((detail) => /^(?:address|route) is missing: ip (.*)$/.exec(detail)![1]!);
    for (const command of commands) scene.router.namespace.run('ip', ...command.split(' '));
    await eventually(() => expect(fromNode(scene, config).findings).toEqual([]));
  });

  test('the parent interface was removed', async () => {
    const { scene, config } = await workingRouter(IPV4_ONLY);
    using _ = scene;
    await scene.router.del(config);
    scene.node.addSpareInterface('lan1');
    const onSpare = { ...config, interfaceArgs: { master: 'lan1' } };
    await scene.router.add(onSpare);
    expect(idsOf(fromNode(scene, onSpare))).toEqual([]);
    scene.node.namespace.batch('link del lan1');
    const found = fromNode(scene, onSpare);
    expect(idsOf(found)).toEqual(['parent-missing']);
    expect(found.findings[0]!.problem).toBe('The node has no parent interface lan1.');
  });

  test('the network is another one', async () => {
    const ip = { addresses: ['198.51.100.9/24'], gateway: '198.51.100.1', destinations: ['80 TCP 203.0.113.26'] };
    const { scene, config } = await workingRouter(ip);
    using _ = scene;
    // A host of that network looks for another, as hosts do.
    const { namespace } = scene.lab.gateway;
    namespace.start(['python3', '-c', ASKER]);
    await eventually(() => expect(namespace.run('ip', 'neigh', 'show')).toMatch(/^192\.168\.12\.\d{3} /m));
    const found = fromNode(scene, config);
    expect(idsOf(found)).toEqual(['wrong-subnet']);
    expect(found.findings[0]!.problem).toMatch(/another network than 198\.51\.100\.9\/24/);
    expect(found.findings[0]!.details).toContain('192.168.12.1 is heard on lan0');
  });

  test('another pod of the node has the address, with another MAC', async () => {
    const { scene, config } = await workingRouter(IPV4_ONLY, { mac: '02:00:5e:10:00:01' });
    using _ = scene;
    const second = scene.node.addPod('second', { ipv4: '10.244.2.5', ipv6: 'fd00:10:244:2::5' });
    await second.add({ ...config, mac: '02:00:5e:10:00:02', detectConflicts: false });
    const found = fromNode(scene, config);
    expect(idsOf(found)).toEqual(['conflict']);
    expect(found.findings[0]!.problem).toContain('02:00:5e:10:00:02');
  });

  test.each(['net1', 'lan0'])('a capture runs on %s', async (link) => {
    const { scene, config } = await workingRouter(IPV4_ONLY);
    using _ = scene;
    const capture = await Capture.start(link === 'net1' ? scene.router.namespace : scene.node.namespace, link, 'arp');
    const found = fromNode(scene, config);
    await capture.stop();
    expect(idsOf(found)).toEqual(['promiscuous']);
    expect(found.findings[0]!.problem).toContain(link);
    expect(idsOf(fromNode(scene, config))).toEqual([]);
  });

  test('the source ports towards a server are used up', async () => {
    // On a busy machine the first would be forgotten before the last is there.
    const { scene, config } = await workingRouter(IPV4_ONLY, { connectionTimeouts: { udp: 600 } });
    using _ = scene;
    scene.client.namespace.run('python3', '-c', SENDER, scene.router.ipv4);
    const found = fromNode(scene, config);
    expect(idsOf(found)).toEqual(['ports-exhausted']);
    expect(found.findings[0]!.problem).toMatch(
      /of 64512 source ports towards 203\.0\.113\.25 udp 80 are in use, \d+ of them by the client 10\.244\.1\.7\.$/,
    );
  });
});

/** Makes its host ask for others that are not there, one after the other. */
const ASKER = `
import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for host in list(range(100, 250)) * 9:
    s.sendto(b'x', ('192.168.12.%d' % host, 9)); time.sleep(0.05)
`;

/** A datagram to the router's UDP rule from each port. */
const SENDER = `
import socket, sys
for port in range(1024, 65536):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(('', port)); s.sendto(b'x', (sys.argv[1], 80)); s.close()
`;

describeOnKernel('what docs/doctor.md shows is what doctor says', TOOLS, () => {
  test('of a filter of MAC addresses', async () => {
    const { scene, config } = await workingRouter(IPV4_ONLY);
    using _ = scene;
    filterMacs(scene);
    const flags = ['--router=egress/egress-1', `--netns=${scene.router.namespace.path}`];
    const { stdout } = scene.node.namespace.try([PLUGIN, 'doctor', ...flags, `--config=${JSON.stringify(config)}`]);
    const text = stdout
      .replaceAll(scene.lab.gateway.mac, '52:54:00:aa:00:01')
      .replaceAll(scene.node.host.mac, 'fa:16:3e:5c:0e:11');
    expect(readDocument('docs/doctor.md')).toContain(`\`\`\`\n${text}\`\`\`\n`);
  });
});

describeOnKernel('doctor finds the router by its process', TOOLS, () => {
  test('from the node by its name, and in the pod', async () => {
    const { scene, config } = await workingRouter(IPV4_ONLY, { healthPort: 9180 });
    using _ = scene;
    const name = `egress/r${randomInt(1e9)}`;
    const serve = scene.router.namespace.start(
      [...UNPRIVILEGED, PLUGIN, 'serve', `--router=${name}`, `--config=${JSON.stringify(config)}`],
      { stdio: 'ignore' },
    );
    try {
      const words = [PLUGIN, 'doctor', '--json', `--router=${name}`];
      await eventually(() => expect(report(scene.node.namespace, words)).toMatchObject({ router: name, findings: [] }));
      expect(report(scene.router.namespace, [...UNPRIVILEGED, ...words])).toMatchObject({ router: name, findings: [] });
      scene.router.namespace.batch('link set net1 down');
      const { findings } = report(scene.node.namespace, words);
      expect(findings).toMatchObject([
        { id: 'link', commands: [`kubectl --namespace egress rollout restart deployment/${name.slice(7)}`] },
      ]);
    } finally {
      serve.kill('SIGKILL');
    }
  });

  test('without its process, by the name of its network', async () => {
    const { scene, config } = await workingRouter(IPV4_ONLY);
    using _ = scene;
    scene.node.namespace.batch('link set lan0 down');
    const named = { ...config, name: 'egress.egress-1' };
    const { findings } = fromPod(scene, named);
    expect(findings[0]!.commands[0]).toMatch(/^egress-router doctor --netns=PID --config-file=PATH {3}# as root/);
    scene.router.namespace.batch('link set net1 down');
    scene.node.namespace.batch('link set lan0 up');
    expect(fromNode(scene, named).findings).toMatchObject([
      { id: 'link', commands: ['kubectl --namespace egress rollout restart deployment/egress-1'] },
    ]);
  });

  test('invalid arguments are reported', async () => {
    const { scene } = await workingRouter(IPV4_ONLY);
    using _ = scene;
    const say = (...flags: string[]) => scene.node.namespace.try([PLUGIN, 'doctor', ...flags]);
    const expectRefusal = (flags: readonly string[], words: RegExp) =>
      expect(say(...flags)).toMatchObject({ status: 2, stdout: '', stderr: expect.stringMatching(words) });
    expectRefusal(['--router=egress/none-such'], /no router egress\/none-such runs here|no router process runs here/);
    expectRefusal(['--netns=none-such', '--config={}'], /--config: /);
    expectRefusal([`--netns=${scene.router.namespace.name}`], /no router process runs in .*--config-file/);
    expectRefusal(['--config={'], /--config: is not JSON/);
    expectRefusal(['--config={}', '--config-file=/x'], /exclude each other/);
    expectRefusal(['--config-file=/none/such'], /cannot be read: ENOENT/);
    expectRefusal(
      ['--destination=example.com:443'],
      /--destination: "example\.com:443" is not IP:PORT; accepted: IP:PORT/,
    );
    expectRefusal(
      ['--destination=127.0.0.1:443'],
      /--destination: "127\.0\.0\.1:443" is a loopback address; accepted: /,
    );
    expectRefusal(['--interface=a/b'], /--interface: "a\/b" is not an interface name; accepted: the name of a network/);
    expectRefusal(['--netns=a/b'], /--netns: "a\/b" is not a network namespace; accepted: a path that begins with/);
    expectRefusal(['--router=a b'], /--router: "a b" is not the name of a router; accepted: NAME or NAMESPACE\/NAME/);
    expectRefusal(
      ['--time-limit=soon'],
      /--time-limit: "soon" is not a number of seconds; accepted: seconds, a number from/,
    );
    expectRefusal(['--router=a;b', '--interface=..'], /--router: .*\n.*--interface: /);
    expectRefusal(['--jsn'], /did you mean --json/);
    const config = JSON.stringify(scene.config(IPV4_ONLY));
    expectRefusal(
      [`--netns=${scene.router.namespace.name}`, `--config=${config}`, '--destination=[2001:db8:113::26]:443'],
      /2001:db8:113::26 is an IPv6 address, and the router has only 192\.168\.12\.99/,
    );
    expectRefusal(
      ['--netns=none-such', `--config=${config}`],
      /--netns: network namespace .*none-such cannot be opened/,
    );
  });
});
