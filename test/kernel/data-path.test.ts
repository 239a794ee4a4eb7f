import { once } from 'node:events';
import { Capture, type Frame } from './lab/capture';
import { ask, type Service, startEcho } from './lab/echo';
import { LAN, RESERVED } from './lab/layout';
import type { Namespace } from './lab/namespace';
import { DUAL_STACK, IPV4_ONLY, IPV6_ONLY } from './lab/network-config';
import { Scene } from './lab/scene';
import { receiveSctp, sendInit } from './lab/sctp';
import { describeOnKernel } from './support/requires';

const TOOLS = ['ip', 'nft', 'tcpdump'];

/** Frames of the reserved addresses; neighbour discovery apart. */
const RESERVED_TRAFFIC = `(src host ${RESERVED.ipv4} or src host ${RESERVED.ipv6}) and (tcp or udp)`;

/** Where the rule of UDP port 80 leads to. */
const SERVER_OF_PORT_80 = { ipv4: '203.0.113.25', ipv6: '2001:db8:113::25' } as const;

/** A UDP server whose answers have 1,440 bytes, and may not be cut into fragments. */
async function startLargeAnswers(server: Namespace, address: string): Promise<void> {
  // IP_MTU_DISCOVER and IPV6_MTU_DISCOVER, which Python has no names for.
  const [family, level, option] = address.includes(':')
    ? ['AF_INET6', 'IPPROTO_IPV6', 23]
    : ['AF_INET', 'IPPROTO_IP', 10];
  const program = `
import socket
sock = socket.socket(socket.${family}, socket.SOCK_DGRAM)
sock.setsockopt(socket.${level}, ${option}, 2)
sock.bind(('${address}', 80))
print('ready', flush=True)
sock.sendto(bytes(1440), sock.recvfrom(2048)[1])
`;
  const child = server.start(['python3', '-c', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout!, 'data');
}

/** The service of each rule, from the client's side. */
const okdServices = (address: string): Service[] => [`udp ${address} 80`, `tcp ${address} 8080`, `tcp ${address} 8443`];

const sources = (frames: readonly Frame[]) => [...new Set(frames.map(({ source }) => source))];

describeOnKernel('packets of clients leave with the reserved address and MAC', TOOLS, () => {
  test.each([
    { name: 'IPv4', ip: IPV4_ONLY, families: [4] },
    { name: 'IPv6, by a link-local gateway', ip: IPV6_ONLY, families: [6] },
    { name: 'dual-stack, both families on the same ports', ip: DUAL_STACK, families: [4, 6] },
  ])('three rules: $name', async ({ ip, families }) => {
    using scene = new Scene();
    await scene.serve();
    const { json } = await scene.router.add(scene.config(ip));
    const capture = await Capture.start(scene.lab.gateway.namespace, 'lan0', RESERVED_TRAFFIC);
    for (const family of families) {
      const [address, reserved] =
        family === 4 ? [scene.router.ipv4, RESERVED.ipv4] : [scene.router.ipv6, RESERVED.ipv6];
      const replies = await Promise.all(okdServices(address).map((service) => ask(scene.client.namespace, service)));
      expect(replies).toEqual(okdServices(address).map(() => expect.objectContaining({ peer: reserved })));
    }
    const frames = await capture.stop();
    expect(sources(frames)).toEqual([json.interfaces![0]!.mac]);
    if (families.includes(4)) expect(json.interfaces![0]!.mac).toBe('e2:65:c0:a8:0c:63');
  });

  test.each(['bridge', 'private', 'vepa'])('mode %s', async (mode) => {
    using scene = new Scene();
    await scene.serve();
    await scene.router.add(scene.config(DUAL_STACK, { interfaceArgs: { mode, master: 'lan0' } }));
    expect(await ask(scene.client.namespace, `tcp ${scene.router.ipv4} 8080`)).toMatchObject({ peer: RESERVED.ipv4 });
    expect(await ask(scene.client.namespace, `udp ${scene.router.ipv6} 80`)).toMatchObject({ peer: RESERVED.ipv6 });
  });

  test('mode passthru, with a given MAC, on an interface that carries nothing', async () => {
    using scene = new Scene();
    await scene.serve();
    scene.node.addSpareInterface('spare0');
    const mac = '02:00:5e:10:00:01';
    await scene.router.add(scene.config(DUAL_STACK, { mac, interfaceArgs: { mode: 'passthru', master: 'spare0' } }));
    const capture = await Capture.start(scene.lab.gateway.namespace, 'lan0', RESERVED_TRAFFIC);
    expect(await ask(scene.client.namespace, `tcp ${scene.router.ipv4} 8443`)).toMatchObject({ peer: RESERVED.ipv4 });
    expect(await ask(scene.client.namespace, `tcp ${scene.router.ipv6} 8443`)).toMatchObject({ peer: RESERVED.ipv6 });
    expect(sources(await capture.stop())).toEqual([mac]);
  });

  test('a MAC by the capability of the runtime', async () => {
    using scene = new Scene();
    await scene.serve();
    const mac = '02:00:5e:10:00:02';
    const { json } = await scene.router.add(
      scene.config(IPV4_ONLY, { capabilities: { mac: true }, runtimeConfig: { mac } }),
    );
    expect(json.interfaces![0]!.mac).toBe(mac);
    const capture = await Capture.start(scene.lab.gateway.namespace, 'lan0', RESERVED_TRAFFIC);
    await ask(scene.client.namespace, `tcp ${scene.router.ipv4} 8080`);
    expect(sources(await capture.stop())).toEqual([mac]);
  });
});

describeOnKernel('the destination of a connection', TOOLS, () => {
  test.each([
    { family: 'IPv4', ip: IPV4_ONLY, fallbackIP: '203.0.113.27', address: 'ipv4' },
    { family: 'IPv6', ip: IPV6_ONLY, fallbackIP: '2001:db8:113::27', address: 'ipv6' },
  ] as const)(
    '$family: every other port to the fallback, but not the health port',
    async ({ ip, fallbackIP, address }) => {
      using scene = new Scene();
      await scene.serve(`tcp ${fallbackIP} 12345`, `udp ${fallbackIP} 12345`, `tcp ${fallbackIP} 9180`);
      const { router, client } = scene;
      await startEcho(router.namespace, `tcp ${router[address]} 9180`);
      await router.add(scene.config({ ...ip, fallbackIP }, { healthPort: 9180 }));
      const reserved = RESERVED[address];
      expect(await ask(client.namespace, `tcp ${router[address]} 12345`)).toMatchObject({ peer: reserved });
      expect(await ask(client.namespace, `udp ${router[address]} 12345`)).toMatchObject({ peer: reserved });
      expect(await ask(client.namespace, `tcp ${router[address]} 8080`)).toMatchObject({ peer: reserved });
      expect(await ask(client.namespace, `tcp ${router[address]} 9180`)).toMatchObject({ peer: client[address] });
    },
  );

  test('servers on the LAN are reached without a gateway', async () => {
    using scene = new Scene();
    const neighbour = scene.lab.host('neighbour', LAN.outsider);
    await startEcho(neighbour.namespace, `tcp ${neighbour.ipv4} 80`, `tcp ${neighbour.ipv6} 80`);
    const ip = {
      addresses: DUAL_STACK.addresses,
      destinations: [`8080 TCP ${neighbour.ipv4} 80`, `8080 TCP ${neighbour.ipv6} 80`],
    };
    await scene.router.add(scene.config(ip));
    const { router, client } = scene;
    expect(await ask(client.namespace, `tcp ${router.ipv4} 8080`)).toMatchObject({ peer: RESERVED.ipv4 });
    expect(await ask(client.namespace, `tcp ${router.ipv6} 8080`)).toMatchObject({ peer: RESERVED.ipv6 });
  });
});

describeOnKernel('packets that clients do not see pass, too', TOOLS, () => {
  test.each(['ipv4', 'ipv6'] as const)('%s: a hop of 1300 bytes behind the gateway', async (family) => {
    using scene = new Scene();
    await scene.serve();
    scene.lab.gateway.namespace.batch('link set wan0 mtu 1300');
    await scene.router.add(scene.config(DUAL_STACK));
    const tooBig = await Capture.start(scene.client.namespace, 'eth0', 'icmp[0] == 3 or icmp6[0] == 2');
    const bytes = 2_000_000;
    const reply = await ask(scene.client.namespace, `tcp ${scene.router[family]} 8080`, {
      bytes,
      milliseconds: 10_000,
    });
    expect(reply).toMatchObject({ peer: RESERVED[family], bytes });
    expect((await tooBig.stop()).length).toBeGreaterThan(0);
  });
});

describeOnKernel('a server whose answer is too large for the cluster network', [...TOOLS, 'python3'], () => {
  test.each(['ipv4', 'ipv6'] as const)('%s: gets the ICMP error by net1, from the reserved address', async (family) => {
    using scene = new Scene();
    const { router, client, server, node } = scene;
    await router.add(scene.config(DUAL_STACK));
    router.namespace.batch('link set eth0 mtu 1400');
    node.namespace.batch(`link set ${router.nodeLink} mtu 1400`);
    const icmpErrors = 'icmp[0] == 3 or icmp6[0] == 2';
    const [net1, eth0] = [
      await Capture.start(router.namespace, 'net1', icmpErrors),
      await Capture.start(router.namespace, 'eth0', icmpErrors),
    ];
    await startLargeAnswers(server, SERVER_OF_PORT_80[family]);
    await ask(client.namespace, `udp ${router[family]} 80`, { milliseconds: 700 });
    await net1.first();
    expect((await net1.stop()).map(({ text }) => text)).toEqual([expect.stringContaining(`${RESERVED[family]} > `)]);
    expect(await eth0.stop()).toEqual([]);
  });
});

describeOnKernel('SCTP, which this kernel need not have sockets of', ['ip', 'nft', 'python3'], () => {
  test.each([
    { name: 'IPv4', family: 4, ip: IPV4_ONLY, server: '203.0.113.26', address: 'ipv4' },
    { name: 'IPv6', family: 6, ip: IPV6_ONLY, server: '2001:db8:113::26', address: 'ipv6' },
  ] as const)('$name: an INIT arrives from the reserved address, with its checksum right', async (row) => {
    using scene = new Scene();
    await scene.router.add(scene.config({ ...row.ip, destinations: [`3868 SCTP ${row.server} 3869`] }));
    const received = await receiveSctp(scene.server, row.family);
    sendInit(scene.client.namespace, scene.router[row.address], 3868);
    expect(await received()).toMatchObject({ peer: RESERVED[row.address], port: 3869, isChecksumRight: true });
  });
});
