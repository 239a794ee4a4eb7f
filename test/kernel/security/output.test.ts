import { join } from 'node:path';
import { Capture } from '../lab/capture';
import { startEcho } from '../lab/echo';
import { LAN, PODS, RESERVED } from '../lab/layout';
import { DUAL_STACK } from '../lab/network-config';
import { Scene } from '../lab/scene';
import { describeOnKernel } from '../support/requires';

const FAMILIES = ['ipv4', 'ipv6'] as const;
const ATTEMPT = join(__dirname, '../lab/programs/attempt.py');
const CLAIMED = join(__dirname, '../lab/programs/claimed-source.py');
const NAMED = { ipv4: '203.0.113.26', ipv6: '2001:db8:113::26' } as const;
const DATAGRAMS = { ipv4: '203.0.113.25', ipv6: '2001:db8:113::25' } as const;
const OTHER = { ipv4: '203.0.113.27', ipv6: '2001:db8:113::27' } as const;

describeOnKernel('a process in the pod', ['ip', 'nft', 'tcpdump', 'python3'], () => {
  async function router(more: object = {}) {
    const scene = new Scene();
    const others = FAMILIES.flatMap((family) => [`tcp ${OTHER[family]} 7000`, `udp ${OTHER[family]} 7000`] as const);
    await scene.serve(...others, `tcp ${NAMED.ipv4} 22`, `tcp ${NAMED.ipv6} 22`);
    const neighbour = scene.lab.host('neighbour', LAN.outsider);
    await startEcho(neighbour.namespace, `tcp ${neighbour.ipv4} 2222`, `tcp ${neighbour.ipv6} 2222`);
    await scene.router.add(scene.config({ ...DUAL_STACK, ...more }));
    scene.router.namespace.set({ 'ipv4/ping_group_range': '"0 65532"' });
    const attempt = (...words: (string | number)[]) =>
      scene.router.namespace.run('python3', ATTEMPT, ...words.map(String)).trim();
    return { scene, neighbour, attempt, [Symbol.dispose]: () => scene[Symbol.dispose]() };
  }

  describe.each(FAMILIES)('%s', (family) => {
    const ways = [`address=${RESERVED[family]}`, 'device=net1'];

    test('it reaches the destinations of rules', async () => {
      using it = await router();
      expect(ways.map((way) => it.attempt('tcp', NAMED[family], 443, way))).toEqual(['answer', 'answer']);
    });

    test('it reaches nothing else from the reserved address', async () => {
      using it = await router();
      const { scene, neighbour, attempt } = it;
      const sent = await Capture.start(scene.router.namespace, 'net1', 'tcp or udp or icmp or icmp6[0] == 128');
      const targets = [
        ['tcp', OTHER[family], 7000],
        ['udp', OTHER[family], 7000],
        ['tcp', NAMED[family], 22],
        ['udp', NAMED[family], 443],
        ['tcp', neighbour[family], 2222],
        ['ping', neighbour[family], 1],
      ] as const;
      const results = targets.flatMap((target) => ways.map((way) => attempt(...target, way)));
      expect(results).not.toContain('answer');
      // Control: the capture sees what is named.
      attempt('tcp', NAMED[family], 443, ways[0]!);
      await sent.first();
      const frames = await sent.stop();
      expect(frames.filter(({ text }) => !text.includes(`${NAMED[family]}.443`))).toEqual([]);
    });
  });

  describe.each(FAMILIES)('%s', (family) => {
    const multicast = { ipv4: '224.0.0.251', ipv6: 'ff02::fb' }[family];

    test('it does not send from the reserved address by the cluster network', async () => {
      using it = await router();
      const { scene, attempt } = it;
      const sent = await Capture.start(scene.router.namespace, 'eth0', 'arp or udp or tcp or icmp or icmp6');
      const [from, client] = [`address=${RESERVED[family]}`, PODS.client[family]];
      const results = [
        ...(['tcp', 'udp', 'ping'] as const).flatMap((protocol) => [
          attempt(protocol, client, 7000, from, 'device=eth0'),
          attempt(protocol, client, 7000, from, 'unicast=eth0'),
        ]),
        attempt('udp', multicast, 5353, from, 'multicast=eth0'),
      ];
      expect(results).not.toContain('answer');
      // Control: the capture sees what leaves from the pod's own address.
      attempt('udp', client, 7001, 'device=eth0');
      await sent.first(({ text }) => text.includes(`${client}.7001`));
      const frames = await sent.stop();
      expect(frames.filter(({ text }) => text.includes(RESERVED[family]))).toEqual([]);
    });

    test('it does not make a connection of a host, to answer it', async () => {
      using it = await router();
      const { scene, neighbour } = it;
      await startEcho(neighbour.namespace, `udp ${neighbour[family]} 2222`);
      const sent = await Capture.start(scene.router.namespace, 'net1', 'udp');
      const attempt = (...words: string[]) => scene.router.namespace.run('python3', CLAIMED, ...words).trim();
      const results = [
        attempt(neighbour[family], '2222', RESERVED[family]),
        attempt(OTHER[family], '7000', RESERVED[family]),
        attempt(neighbour[family], '2222', PODS.router[family], 'net1'),
      ];
      expect(results.filter((result) => result.includes('answer'))).toEqual([]);
      // Control: the capture sees what is named.
      it.attempt('udp', DATAGRAMS[family], 80, `address=${RESERVED[family]}`);
      await sent.first();
      const frames = await sent.stop();
      expect(frames.filter(({ text }) => !text.includes(`${DATAGRAMS[family]}.80`))).toEqual([]);
    });

    test('it reaches the reserved address itself by the loopback interface', async () => {
      using it = await router();
      await startEcho(it.scene.router.namespace, `tcp ${RESERVED[family]} 7000`);
      expect(it.attempt('tcp', RESERVED[family], 7000, `address=${RESERVED[family]}`)).toBe('answer');
    });
  });

  test('it reaches every port of a fallback, as clients do', async () => {
    using it = await router({ destinations: [...DUAL_STACK.destinations, OTHER.ipv4] });
    expect(it.attempt('tcp', OTHER.ipv4, 7000, `address=${RESERVED.ipv4}`)).toBe('answer');
    expect(it.attempt('tcp', NAMED.ipv4, 22, `address=${RESERVED.ipv4}`)).toBe('silence');
  });
});
