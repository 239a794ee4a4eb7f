import { join } from 'node:path';
import { Capture } from './lab/capture';
import { ask, startEcho } from './lab/echo';
import { macOf } from './lab/host';
import { LAN, PODS, RESERVED } from './lab/layout';
import { DUAL_STACK, IPV6_ONLY } from './lab/network-config';
import { Scene } from './lab/scene';
import { eventually } from './support/eventually';
import { sendIp } from './support/ip-frames';
import { describeOnKernel } from './support/requires';

const FAMILIES = ['ipv4', 'ipv6'] as const;
const BRIEF = { milliseconds: 700 };

describeOnKernel('a host of the LAN does not enter the cluster', ['ip', 'nft', 'tcpdump', 'arping', 'python3'], () => {
  test.each(FAMILIES)('%s: by the reserved address as its router', async (family) => {
    using scene = new Scene();
    const { router, client } = scene;
    await router.add(scene.config(DUAL_STACK));
    const outsider = scene.lab.host('outsider', LAN.outsider);
    const subnet = family === 'ipv4' ? PODS.subnet4 : PODS.subnet6;
    outsider.namespace.batch(`route add ${subnet} via ${RESERVED[family]}`);
    await startEcho(client.namespace, `tcp ${client[family]} 7000`, `udp ${client[family]} 7000`);
    // The servers do answer those who may ask.
    expect(await ask(scene.node.namespace, `tcp ${client[family]} 7000`)).toMatchObject({ bytes: 4 });
    const entered = await Capture.start(client.namespace, 'eth0', `src host ${outsider[family]}`);
    const left = await Capture.start(router.namespace, 'eth0', `src host ${outsider[family]}`);
    const arrived = await Capture.start(router.namespace, 'net1', `src host ${outsider[family]} and (tcp or udp)`);
    const replies = await Promise.all([
      ask(outsider.namespace, `tcp ${client[family]} 7000`, BRIEF),
      ask(outsider.namespace, `udp ${client[family]} 7000`, BRIEF),
    ]);
    expect(replies).toEqual([{ error: 'timeout' }, { error: 'timeout' }]);
    expect((await arrived.stop()).length).toBeGreaterThan(1);
    expect(await left.stop()).toEqual([]);
    expect(await entered.stop()).toEqual([]);
  });

  test.each(FAMILIES)("%s: nor the pod's own ports, by any of its addresses", async (family) => {
    using scene = new Scene();
    const { router } = scene;
    await router.add(scene.config(DUAL_STACK));
    const outsider = scene.lab.host('outsider', LAN.outsider);
    outsider.namespace.batch(`route add ${router[family]} via ${RESERVED[family]}`);
    const own = [RESERVED[family], router[family]];
    for (const address of own) await startEcho(router.namespace, `tcp ${address} 7000`, `udp ${address} 7000`);
    expect(await ask(scene.node.namespace, `tcp ${router[family]} 7000`)).toMatchObject({ bytes: 4 });
    expect(await ask(router.namespace, `tcp ${RESERVED[family]} 7000`)).toMatchObject({ bytes: 4 });
    const replies = await Promise.all(
      own.flatMap((address, index) => [
        ask(outsider.namespace, `tcp ${address} 7000`, BRIEF),
        ask(outsider.namespace, `udp ${address} 7000`, index === 0 ? {} : BRIEF),
        // A rule's port is the clients', not the LAN's.
        ask(outsider.namespace, `tcp ${address} 8080`, BRIEF),
      ]),
    );
    // A datagram to the reserved address is answered as by any host: no process listens. All else gets no answer.
    const answers = own.flatMap((_, index) => ['timeout', index === 0 ? 'ECONNREFUSED' : 'timeout', 'timeout']);
    expect(replies.map(({ error }) => error)).toEqual(answers);
  });

  test.each(FAMILIES)('%s: nor by the connection of a client, whose address it takes', async (family) => {
    using scene = new Scene();
    const { router, client } = scene;
    await scene.serve();
    const { json } = await router.add(scene.config(DUAL_STACK));
    const reply = await ask(client.namespace, `udp ${router[family]} 80`, { sourcePort: 45000 });
    if (reply.peer !== RESERVED[family]) throw new Error(`the server saw ${reply.peer ?? reply.error}`);
    const server = family === 'ipv4' ? '203.0.113.25' : '2001:db8:113::25';
    const outsider = scene.lab.host('outsider', LAN.outsider);
    const [net1, eth0] = [json.interfaces![0]!.mac, macOf(router.namespace, 'eth0')];

    const seen = 'udp and (port 80 or port 45000)';
    const outside = await Capture.start(router.namespace, 'net1', seen);
    const inside = await Capture.start(router.namespace, 'eth0', seen);
    const fromLan = { link: 'lan0', mac: net1, source: client[family], destination: router[family] };
    // The same from the other side: a pod that takes the server's address.
    const fromPod = { link: router.nodeLink, mac: eth0, source: server, destination: RESERVED[family] };
    const counts = [1, 2];
    for (const count of counts) {
      sendIp(outsider.namespace, fromLan, ['udp', 45000, 80]);
      sendIp(scene.node.namespace, fromPod, ['udp', 80, reply.port!]);
      // What the first frame leads to is seen before the second frame.
      for (const capture of [outside, inside])
        await eventually(() => expect(capture.frames().length).toBeGreaterThanOrEqual(count));
    }
    // Each was received where it came in, and nowhere else.
    expect((await outside.stop()).map(({ destination }) => destination)).toEqual(counts.map(() => net1));
    expect((await inside.stop()).map(({ destination }) => destination)).toEqual(counts.map(() => eth0));
  });

  test('the LAN learns only the reserved address', async () => {
    using scene = new Scene();
    await scene.router.add(scene.config(DUAL_STACK));
    const outsider = scene.lab.host('outsider', LAN.outsider);
    const resolve = (address: string) =>
      outsider.namespace.try(['arping', '-c', '1', '-w', '2', '-I', 'lan0', address]);
    expect(resolve(RESERVED.ipv4)).toMatchObject({ status: 0, stdout: expect.stringMatching(/e2:65:c0:a8:0c:63/i) });
    expect(resolve(PODS.router.ipv4).status).toBe(1);
    expect(resolve(PODS.client.ipv4).status).toBe(1);
  });

  test('router advertisements on the LAN do not reach net1', async () => {
    using scene = new Scene();
    await scene.router.add(scene.config(IPV6_ONLY));
    // Control: other hosts accept them.
    const believer = scene.lab.host('believer', LAN.outsider).namespace;
    believer.set({ 'ipv6/conf/lan0/accept_ra': '2' });
    const before = scene.router.namespace.ip('-6', 'addr', 'show', 'dev', 'net1');
    const routes = scene.router.namespace.ip('-6', 'route', 'show', 'table', 'all');
    const program = join(__dirname, 'lab', 'programs', 'router-advertisement.py');
    scene.lab.gateway.namespace.run('python3', program, 'lan0', '2001:db8:bad::');
    await eventually(() => expect(believer.run('ip', '-6', 'addr')).toContain('2001:db8:bad:'));
    expect(scene.router.namespace.ip('-6', 'addr', 'show', 'dev', 'net1')).toEqual(before);
    expect(scene.router.namespace.ip('-6', 'route', 'show', 'table', 'all')).toEqual(routes);
  });
});

describeOnKernel('clients reach what rules name, and nothing else', ['ip', 'nft', 'tcpdump'], () => {
  test.each(FAMILIES)('%s: not by the pod as their router', async (family) => {
    using scene = new Scene();
    const { router, client, node } = scene;
    const other = family === 'ipv4' ? '203.0.113.27' : '2001:db8:113::27';
    await scene.serve(`tcp ${other} 7000`, `udp ${other} 7000`);
    await router.add(scene.config(DUAL_STACK));
    node.namespace.batch(`route add ${other} via ${router[family]} dev ${router.nodeLink} onlink`);
    const left = await Capture.start(scene.lab.gateway.namespace, 'lan0', `dst host ${other}`);
    const arrived = await Capture.start(router.namespace, 'eth0', `dst host ${other}`);
    const replies = await Promise.all([
      ask(client.namespace, `tcp ${other} 7000`, BRIEF),
      ask(client.namespace, `udp ${other} 7000`, BRIEF),
    ]);
    expect(replies.map(({ error }) => error)).toEqual([expect.any(String), expect.any(String)]);
    expect((await arrived.stop()).length).toBeGreaterThan(1);
    expect(await left.stop()).toEqual([]);
  });

  test.each(FAMILIES)('%s: a port without rule is refused by the pod itself', async (family) => {
    using scene = new Scene();
    const { router, client } = scene;
    await router.add(scene.config(DUAL_STACK));
    expect(await ask(client.namespace, `tcp ${router[family]} 12345`)).toEqual({ error: 'ECONNREFUSED' });
    expect(await ask(client.namespace, `udp ${router[family]} 12345`)).toEqual({ error: 'ECONNREFUSED' });
  });
});
