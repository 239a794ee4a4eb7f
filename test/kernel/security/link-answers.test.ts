import { Capture } from '../lab/capture';
import { macOf } from '../lab/host';
import { LAN, RESERVED } from '../lab/layout';
import { DUAL_STACK } from '../lab/network-config';
import { Scene } from '../lab/scene';
import { sendIp } from '../support/ip-frames';
import { describeOnKernel } from '../support/requires';

const FAMILIES = ['ipv4', 'ipv6'] as const;
const ECHO_REPLY = { ipv4: 'icmp[0] == 0', ipv6: 'icmp6[0] == 129' } as const;

/** Addresses of the LAN that no host has. */
const NOT_THERE = { ipv4: '192.168.12.110', ipv6: '2001:db8:12::1000' } as const;

/** Another network of the pod, as a further annotation makes it. */
const THIRD = {
  ipv4: { node: '172.20.0.1', pod: '172.20.0.2', length: 24 },
  ipv6: { node: 'fd20::1', pod: 'fd20::2', length: 64 },
} as const;

describeOnKernel('what the pod answers on the LAN by itself', ['ip', 'nft', 'tcpdump', 'python3', 'arping'], () => {
  async function router() {
    const scene = new Scene();
    await scene.router.add(scene.config(DUAL_STACK));
    const neighbour = scene.lab.host('neighbour', LAN.outsider);
    const mac = macOf(scene.router.namespace, 'net1');
    return { scene, neighbour, mac, [Symbol.dispose]: () => scene[Symbol.dispose]() };
  }

  // IPv6 has no other question that the kernel answers by default.
  test('IPv4: ping, and no question for the time', async () => {
    using it = await router();
    const { scene, neighbour, mac } = it;
    const sent = await Capture.start(scene.router.namespace, 'net1', 'icmp[0] == 0 or icmp[0] == 14');
    const frame = { link: neighbour.link, mac, source: neighbour.ipv4, destination: RESERVED.ipv4 };
    sendIp(neighbour.namespace, frame, ['icmp', 13]);
    sendIp(neighbour.namespace, frame, ['echo']);
    await sent.first(({ text }) => text.includes('echo reply'));
    expect((await sent.stop()).length).toBe(1);
  });

  test.each(FAMILIES)('%s: hosts that are not there take few places for neighbours and connections', async (family) => {
    using it = await router();
    const { scene, neighbour, mac } = it;
    const { namespace } = scene.router;
    const frame = { link: neighbour.link, mac, source: NOT_THERE[family], destination: RESERVED[family], count: 120 };
    const before = Number(namespace.setting('netfilter/nf_conntrack_count'));
    sendIp(neighbour.namespace, frame, ['echo-of-each']);
    const option = family === 'ipv4' ? '-4' : '-6';
    const entries = namespace.ip<{ dst: string }>(option, 'neigh', 'show', 'dev', 'net1', 'nud', 'all');
    // Groups need no answer: their entries go when places are few.
    const neighbours = entries.filter(({ dst }) => !dst.startsWith('ff'));
    expect(neighbours.length).toBeGreaterThan(40);
    expect(neighbours.length).toBeLessThan(100);
    expect(Number(namespace.setting('netfilter/nf_conntrack_count')) - before).toBeLessThan(100);
  });

  test.each(FAMILIES)('%s: nothing at the reserved address by a third interface', async (family) => {
    using it = await router();
    const { router: pod, node } = it.scene;
    const { node: source, pod: own, length } = THIRD[family];
    node.namespace.batch(`link add third type veth peer name net2 netns ${pod.namespace.name}`, 'link set third up');
    pod.namespace.batch(`addr add ${own}/${length} dev net2${family === 'ipv6' ? ' nodad' : ''}`, 'link set net2 up');
    const [byThird, byLan] = await Promise.all(
      ['net2', 'net1'].map((link) => Capture.start(pod.namespace, link, ECHO_REPLY[family])),
    );
    const frame = { link: 'third', mac: macOf(pod.namespace, 'net2'), source };
    sendIp(node.namespace, { ...frame, destination: RESERVED[family], count: 3 }, ['echo']);
    // Control: the interface's own address is answered.
    node.namespace.batch(`addr add ${source}/${length} dev third${family === 'ipv6' ? ' nodad' : ''}`);
    sendIp(node.namespace, { ...frame, destination: own }, ['echo']);
    await byThird!.first();
    // Neighbour discovery asks for addresses of the interface by itself.
    const arping = (address: string) =>
      node.namespace.try(['arping', '-c', '1', '-w', '1', '-I', 'third', address]).status;
    if (family === 'ipv4') expect([arping(own), arping(RESERVED.ipv4)]).toEqual([0, 1]);
    expect((await byThird!.stop()).length).toBe(1);
    expect(await byLan!.stop()).toEqual([]);
  });
});
