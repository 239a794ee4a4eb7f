import { Capture, type Frame } from '../lab/capture';
import { ask, startEcho } from '../lab/echo';
import { macOf } from '../lab/host';
import { LAN, PODS, RESERVED } from '../lab/layout';
import { DUAL_STACK } from '../lab/network-config';
import { Scene } from '../lab/scene';
import { type IpContent, type IpFrame, sendIp } from '../support/ip-frames';
import { describeOnKernel } from '../support/requires';

const FAMILIES = ['ipv4', 'ipv6'] as const;
type FamilyName = (typeof FAMILIES)[number];

const MULTICAST = { ipv4: '224.0.0.251', ipv6: 'ff05::fb' } as const;

/** Of every protocol that could answer for the pod. */
const ICMP = 'icmp or icmp6';

describeOnKernel('an address belongs to its interface', ['ip', 'nft', 'tcpdump', 'python3'], () => {
  async function router() {
    const scene = new Scene();
    await scene.router.add(scene.config(DUAL_STACK));
    const attacker = scene.lab.host('attacker', LAN.outsider);
    const mac = macOf(scene.router.namespace, 'net1');
    return { scene, attacker, mac, [Symbol.dispose]: () => scene[Symbol.dispose]() };
  }

  const received = (scene: Scene) =>
    Number(scene.router.namespace.run('cat', '/sys/class/net/net1/statistics/rx_packets'));

  test.each(FAMILIES)('%s: the LAN gets no echo of the cluster address into the cluster', async (family) => {
    using it = await router();
    const { scene, attacker, mac } = it;
    const { client, node } = scene;
    const inCluster = await Capture.start(client.namespace, 'eth0', ICMP);
    const left = await Capture.start(scene.router.namespace, 'eth0', `(${ICMP}) and src host ${PODS.router[family]}`);
    const before = received(scene);
    const toPod = { link: 'lan0', mac, destination: PODS.router[family] };
    // A busy machine may lose some of them on their way.
    while (received(scene) - before < 20_000) {
      sendIp(attacker.namespace, { ...toPod, source: PODS.client[family], count: 20_000 }, ['echo']);
    }
    for (const source of [attacker[family], node.host[family]]) {
      sendIp(attacker.namespace, { ...toPod, source }, ['echo']);
    }
    // Control: the same question by the cluster is answered, which both captures see.
    const own = { link: scene.router.nodeLink, mac: macOf(scene.router.namespace, 'eth0') };
    sendIp(node.namespace, { ...own, source: PODS.client[family], destination: PODS.router[family] }, ['echo']);
    await inCluster.first(isEchoReply);
    expect((await inCluster.stop()).filter(isEchoReply).length).toBe(1);
    expect((await left.stop()).filter(isEchoReply).length).toBe(1);
  });

  test.each(FAMILIES)('%s: a fragment of the LAN that stays alone makes no error in the cluster', async (family) => {
    using it = await router();
    const { scene, attacker, mac } = it;
    const { namespace, nodeLink } = scene.router;
    namespace.set({ 'ipv4/ipfrag_time': '1', 'ipv6/ip6frag_time': '1', 'netfilter/nf_conntrack_frag6_timeout': '1' });
    const errors = await Capture.start(namespace, 'eth0', 'icmp[icmptype] == icmp-timxceed or icmp6[0] == 3');
    const source = PODS.client[family];
    for (const destination of [PODS.router[family], PODS.third[family], RESERVED[family]]) {
      sendIp(attacker.namespace, { link: 'lan0', mac, source, destination }, ['fragment']);
    }
    // Control: one by the cluster, of the same client, is answered later.
    const own = { link: nodeLink, mac: macOf(namespace, 'eth0') };
    sendIp(scene.node.namespace, { ...own, source: PODS.third[family], destination: PODS.router[family] }, [
      'fragment',
    ]);
    await errors.first(({ text }) => text.includes(`> ${PODS.third[family]}`), 5000);
    const texts = (await errors.stop()).map(({ text }) => text);
    expect(texts.filter((text) => text.includes(`> ${source}`))).toEqual([]);
  });

  test.each(FAMILIES)('%s: the LAN gets an echo of the reserved address', async (family) => {
    using it = await router();
    const { scene, attacker, mac } = it;
    const heard = await Capture.start(attacker.namespace, 'lan0', ICMP);
    const [source, destination] = [attacker[family], RESERVED[family]];
    sendIp(attacker.namespace, { link: 'lan0', mac, source, destination }, ['echo']);
    expect((await heard.first(isEchoReply)).source).toBe(macOf(scene.router.namespace, 'net1'));
    await heard.stop();
  });

  test.each(FAMILIES)('%s: the cluster gets no echo of the reserved address', async (family) => {
    using it = await router();
    const { router: pod, client, node } = it.scene;
    const answers = await Capture.start(pod.namespace, 'eth0', ICMP);
    const byLan = await Capture.start(pod.namespace, 'net1', ICMP);
    const frame = { link: pod.nodeLink, mac: macOf(pod.namespace, 'eth0'), source: client[family] };
    sendIp(node.namespace, { ...frame, destination: RESERVED[family], count: 3 }, ['echo']);
    // Control: the pod's own address is answered.
    sendIp(node.namespace, { ...frame, destination: pod[family] }, ['echo']);
    await answers.first(isEchoReply);
    expect((await answers.stop()).filter(isEchoReply).length).toBe(1);
    expect((await byLan.stop()).filter(isEchoReply)).toEqual([]);
  });

  /** The packets that leave net1 after these came in by eth0. */
  async function passed(scene: Scene, frames: readonly (readonly [Partial<IpFrame>, IpContent])[], family: FamilyName) {
    const { router: pod, client, node } = scene;
    const seen = await Capture.start(pod.namespace, 'net1', 'udp and dst port 80');
    const arrived = await Capture.start(pod.namespace, 'eth0', 'udp and dst port 80');
    const usual = { link: pod.nodeLink, mac: macOf(pod.namespace, 'eth0'), source: client[family] };
    for (const [frame, content] of frames) {
      sendIp(node.namespace, { ...usual, destination: pod[family], ...frame }, content);
    }
    // Control: the last one is a client's.
    sendIp(node.namespace, { ...usual, destination: pod[family] }, ['udp', 45_000, 80]);
    await seen.first();
    expect((await arrived.stop()).length).toBe(frames.length + 1);
    return (await seen.stop()).length - 1;
  }

  test.each(FAMILIES)('%s: the cluster does not use an address of the router as its source', async (family) => {
    using it = await router();
    const sources = [RESERVED[family], PODS.router[family]];
    const frames = sources.map((source, index) => [{ source }, ['udp', 46_000 + index, 80]] as const);
    expect(await passed(it.scene, frames, family)).toBe(0);
  });

  test.each(FAMILIES)('%s: only what is sent to the pod itself is redirected', async (family) => {
    using it = await router();
    const destinations = [RESERVED[family], MULTICAST[family], '203.0.113.77', '2001:db8:113::77'].filter(
      (address) => address.includes(':') === (family === 'ipv6'),
    );
    const frames = destinations.map((destination, index) => [{ destination }, ['udp', 47_000 + index, 80]] as const);
    expect(await passed(it.scene, frames, family)).toBe(0);
  });

  test.each(FAMILIES)("%s: the LAN does not speak into the pod's own connections", async (family) => {
    using it = await router();
    const { scene, attacker, mac } = it;
    const { node } = scene;
    await startEcho(scene.router.namespace, `udp ${PODS.router[family]} 7000`);
    // As kubelet asks the pod; then the attacker takes the node's address and port.
    const asked = await ask(node.namespace, `udp ${PODS.router[family]} 7000`, { sourcePort: 45_000 });
    expect(asked).toMatchObject({ peer: node.host[family], port: 45_000 });
    const answers = await Capture.start(scene.router.namespace, 'eth0', 'udp and src port 7000');
    const pair = { source: node.host[family], destination: PODS.router[family] };
    sendIp(attacker.namespace, { link: 'lan0', mac, ...pair, count: 3 }, ['udp', 45_000, 7_000]);
    await ask(node.namespace, `udp ${PODS.router[family]} 7000`, { sourcePort: 45_000 });
    await answers.first();
    expect((await answers.stop()).length).toBe(1);
  });
});

function isEchoReply({ text }: Frame): boolean {
  return text.includes('echo reply');
}
