import { join } from 'node:path';
import { nameInTable } from '../../src/domain/data-plane/name-in-table';
import { spread } from '../../src/domain/names/spread';
import { type IpAddress, parseIpAddress } from '../../src/domain/values/ip-address';
import { Random } from '../support/random';
import { Conversation, startLinesServer } from './lab/conversation';
import { PODS, RESERVED } from './lab/layout';
import { eventually } from './support/eventually';
import { ForeignConnections } from './support/foreign-connections';
import { LiveRouter } from './support/live-router';
import { BUN } from './support/packet-lan';
import { describeOnKernel } from './support/requires';
import { admittedMarks, namesOfPorts, portState } from './support/spread-state';

const MANY_CLIENTS = join(__dirname, 'lab/programs/many-clients.mjs');

const RESOLVER = { servers: ['192.168.12.53'], source: 'pod', clusterCidrs: ['10.96.0.0/12', '10.244.0.0/16'] };

const BANK = { name: 'api.bank.example', ports: ['20443 TCP 443', '20053 UDP 53'] };
const SHOP = { name: 'api.shop.example', ports: ['20444 TCP 443'] };

/** A router of both families that resolves these hosts. */
function router(...hosts: readonly object[]): LiveRouter {
  const ip = {
    addresses: [`${RESERVED.ipv4}/24`, `${RESERVED.ipv6}/64`],
    gateways: ['192.168.12.1', 'fe80::1'],
    hosts,
    resolver: RESOLVER,
  };
  return new LiveRouter(ip, { liveRules: true, counters: true });
}

const FAMILIES = [
  {
    family: 4 as const,
    pod: PODS.router.ipv4,
    reserved: RESERVED.ipv4,
    servers: ['203.0.113.25', '203.0.113.26', '203.0.113.27'],
  },
  {
    family: 6 as const,
    pod: PODS.router.ipv6,
    reserved: RESERVED.ipv6,
    servers: ['2001:db8:113::25', '2001:db8:113::26', '2001:db8:113::27'],
  },
];

/** The addresses of the buckets, as user space spreads them. */
function spreadTexts(texts: readonly string[]): string[] {
  return spread(texts.map((text) => parseIpAddress(text) as IpAddress)).map(({ text }) => text);
}

async function checkFindsNothing(live: LiveRouter, destinations: readonly string[]): Promise<void> {
  const { status, stdout } = await live.scene.router.call('CHECK', live.config(destinations));
  expect([status, stdout]).toEqual([0, '']);
}

describe.each(FAMILIES)('IPv$family', ({ family, pod, reserved, servers }) => {
  const [first, second, third] = servers as [string, string, string];

  describeOnKernel('hosts that the router resolves', ['ip', 'nft', 'conntrack', BUN], () => {
    let live: LiveRouter;

    beforeEach(async () => {
      live = router(BANK, SHOP);
      const services = servers.flatMap((server) => [`tcp ${server} 443`, `udp ${server} 53`] as const);
      await startLinesServer(live.scene.server, ...services, `tcp ${third} 20443`, `udp ${third} 20053`);
      await live.add([]);
      await live.start();
    });

    afterEach(() => live[Symbol.dispose]());

    const from = (server: string, port = 443) => `${server} ${port} ${reserved}`;
    const talk = (protocol: 'tcp' | 'udp', port: number) =>
      Conversation.open(live.scene.client.namespace, `${protocol} ${pod} ${port}`);
    const resolve = (name: string, ...addresses: string[]) => live.resolve({ name, family, addresses });
    const state = (protocol = 'tcp', port = 20443) => portState(live.scene.router.namespace, family, protocol, port);

    async function expectRefused(): Promise<void> {
      const refused = Conversation.begin(live.scene.client.namespace, `tcp ${pod} 20443`);
      await refused.hears('error ECONNREFUSED');
    }

    test('two names on one port lead to their own servers', async () => {
      await resolve(BANK.name, first);
      await resolve(SHOP.name, second);
      expect(await (await talk('tcp', 20443)).ask()).toBe(from(first));
      expect(await (await talk('tcp', 20444)).ask()).toBe(from(second));
      expect(await (await talk('udp', 20053)).ask()).toBe(from(first, 53));
      await checkFindsNothing(live, []);
    });

    test('a name without an address is refused by the pod, also beside a fallback that serves the port', async () => {
      await expectRefused();
      await live.change([third]);
      await expectRefused();
      const flow = await talk('udp', 20053);
      expect(await flow.ask(300)).toBeUndefined();
      await checkFindsNothing(live, [third]);
      await resolve(BANK.name, first);
      expect(await (await talk('tcp', 20443)).ask()).toBe(from(first));
      expect(await flow.ask()).toBe(from(first, 53));
      await resolve(BANK.name);
      await expectRefused();
      expect(await flow.ask(300)).toBeUndefined();
    });

    test("a connection of a fallback is cut when a host gets its port, though the host's name is not resolved", async () => {
      await live.swap(
        JSON.stringify(live.config([third], { ip: { ...live.ip, destinations: [third], hosts: [SHOP] } })),
      );
      const held = await talk('tcp', 20443);
      expect(await held.ask()).toBe(from(third, 20443));
      await live.change([third]);
      expect(await held.ask()).toBe('error ECONNRESET');
    });

    test('an address leaves: its open connection lives, no new one begins, and its end frees the mark', async () => {
      await resolve(BANK.name, first);
      const held = await talk('tcp', 20443);
      expect(await held.ask()).toBe(from(first));
      await resolve(BANK.name, second);
      expect(await held.ask()).toBe(from(first));
      expect(await (await talk('tcp', 20443)).ask()).toBe(from(second));
      expect(state()).toEqual({ buckets: spreadTexts([second]), targets: [first, second] });
      await checkFindsNothing(live, []);
      // The process that comes knows of it by the kernel alone.
      await live.kill();
      await live.start();
      expect(await live.held(BANK.name, family)).toEqual([second]);
      await live.looksAgain();
      expect(await held.ask()).toBe(from(first));
      held.end();
      await eventually(() => expect(state().targets).toEqual([second]), 60_000);
      const [sent, received] = admittedMarks(live.scene.router.namespace);
      // Of the ports of TCP and UDP.
      expect([sent!.length, received]).toEqual([2, sent]);
      await checkFindsNothing(live, []);
    }, 120_000);

    test("another program's connections keep no mark of an address that left, and live on", async () => {
      await resolve(BANK.name, first);
      const [[mark]] = admittedMarks(live.scene.router.namespace) as [number[]];
      const client = PODS.client[`ipv${family}`];
      const foreign = await ForeignConnections.open(live.scene.router.namespace, live.scene.client.namespace, [
        { to: 'client', address: client, port: 15_001, mark: mark! },
        { to: 'pod', address: pod, port: 15_008, mark: mark! },
      ]);
      const answers = [`${client} 15001`, `${pod} 15008`];
      expect(await foreign.ask()).toEqual(answers);
      const before = foreign.identities();
      await resolve(BANK.name, second);
      await eventually(() => expect(state().targets).toEqual([second]), 60_000);
      await live.swap(JSON.stringify(live.config([], { ip: { ...live.ip, destinations: [], hosts: [SHOP] } })));
      await live.looksAgain();
      expect(foreign.identities()).toEqual(before);
      expect(await foreign.ask()).toEqual(answers);
    }, 120_000);

    test('an address that comes back has its open connection and its counters still', async () => {
      await resolve(BANK.name, first);
      const held = await talk('tcp', 20443);
      await held.ask();
      await resolve(BANK.name, second);
      await resolve(BANK.name, first);
      expect(await held.ask()).toBe(from(first));
      const counters = (await live.counters()).filter(
        ({ destination, port }) => destination === first && port === '20443',
      );
      expect(counters).toMatchObject([{ connections: 1, sent: { packets: expect.any(Number) } }]);
      expect(counters[0]!.sent.packets).toBeGreaterThan(3);
    });

    test.each([
      { running: 'while the process runs', isKilled: false },
      { running: 'before the process starts', isKilled: true },
    ])('a host gets a fixed address and loses it again $running', async ({ isKilled }) => {
      const become = async (bank: object) => {
        if (isKilled) await live.kill();
        const ip = { ...live.ip, destinations: [], hosts: [bank, SHOP] };
        const content = JSON.stringify(live.config([], { ip }));
        if (!isKilled) return void (await live.swap(content));
        live.configMap.swap(content);
        await live.start();
      };
      await resolve(BANK.name, first);
      const [held, flow] = [await talk('tcp', 20443), await talk('udp', 20053)];
      expect([await held.ask(), await flow.ask()]).toEqual([from(first), from(first, 53)]);
      await become({ ...BANK, addresses: [second] });
      expect(await held.ask()).toBe('error ECONNRESET');
      const fixed = await talk('tcp', 20443);
      expect([await fixed.ask(), await flow.ask()]).toEqual([from(second), from(second, 53)]);
      expect(state()).toEqual({ buckets: [], targets: [] });
      await checkFindsNothing(live, []);
      await become(BANK);
      expect(await fixed.ask()).toBe('error ECONNRESET');
      await expectRefused();
      expect(await flow.ask(300)).toBeUndefined();
      await resolve(BANK.name, third);
      expect(await (await talk('tcp', 20443)).ask()).toBe(from(third));
      expect(await flow.ask()).toBe(from(third, 53));
      await checkFindsNothing(live, []);
    });

    test('a process that starts keeps no address of another host whose port it was', async () => {
      await resolve(BANK.name, first);
      await resolve(SHOP.name, second);
      const held = await talk('tcp', 20444);
      expect(await held.ask()).toBe(from(second));
      await live.kill();
      const [bank, shop] = [BANK, SHOP].map(({ name }) => name);
      const hosts = [
        { ...BANK, name: shop },
        { ...SHOP, name: bank },
      ];
      live.configMap.swap(JSON.stringify(live.config([], { ip: { ...live.ip, destinations: [], hosts } })));
      await live.start();
      expect([await live.held(BANK.name, family), await live.held(SHOP.name, family)]).toEqual([[], []]);
      await expectRefused();
      expect(await held.ask()).toBe('error ECONNRESET');
      await resolve(SHOP.name, third);
      expect(await (await talk('tcp', 20443)).ask()).toBe(from(third));
      expect(namesOfPorts(live.scene.router.namespace, family)).toEqual({
        'tcp 20443': shop,
        'tcp 20444': bank,
        'udp 20053': shop,
      });
      await checkFindsNothing(live, []);
    });

    test('a process that starts keeps no address of a port without a name, as older plugins make it', async () => {
      await resolve(BANK.name, first);
      await resolve(SHOP.name, second);
      await live.kill();
      const ports = `inet egress_router spread${family} { tcp . 20443, udp . 20053 }`;
      live.scene.router.namespace.run('nft', `delete element ${ports}; add element ${ports}`);
      await checkFindsNothing(live, []);
      await live.start();
      await expectRefused();
      expect(await (await talk('tcp', 20444)).ask()).toBe(from(second));
      expect(await live.held(BANK.name, family)).toEqual([]);
      expect(namesOfPorts(live.scene.router.namespace, family)['tcp 20443']).toBe(BANK.name);
      await checkFindsNothing(live, []);
    });

    test('a UDP flow moves with the address', async () => {
      await resolve(BANK.name, first);
      const flow = await talk('udp', 20053);
      expect(await flow.ask()).toBe(from(first, 53));
      await resolve(BANK.name, second);
      expect(await flow.ask()).toBe(from(second, 53));
      expect(state('udp', 20053)).toEqual({ buckets: spreadTexts([second]), targets: [second] });
    });

    test('a host that goes takes its connections along, retired ones too', async () => {
      await resolve(BANK.name, first);
      const [held, other] = [await talk('tcp', 20443), await talk('tcp', 20443)];
      expect(await held.ask()).toBe(from(first));
      await resolve(BANK.name, second);
      await live.swap(JSON.stringify(live.config([], { ip: { ...live.ip, destinations: [], hosts: [SHOP] } })));
      expect([await held.ask(), await other.ask()]).toEqual(['error ECONNRESET', 'error ECONNRESET']);
      expect(state()).toEqual({ buckets: [], targets: [] });
    });

    test('a port that a host gets leads to the addresses that it has', async () => {
      await resolve(BANK.name, first);
      const hosts = [{ ...BANK, ports: [...BANK.ports, '20445 TCP 443'] }, SHOP];
      await live.swap(JSON.stringify(live.config([], { ip: { ...live.ip, destinations: [], hosts } })));
      expect(await (await talk('tcp', 20445)).ask()).toBe(from(first));
    });
  });
});

describeOnKernel('names of ports', ['ip', 'nft', BUN], () => {
  test('the table has the longest name cut, and a process that starts takes it for the same', async () => {
    const name = `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(61)}`;
    expect(name).toHaveLength(253);
    using live = router({ name, ports: ['20443 TCP 443'] });
    await live.add([]);
    expect(namesOfPorts(live.scene.router.namespace, 4)).toEqual({ 'tcp 20443': nameInTable(name) });
    await live.start();
    await live.resolve({ name, family: 4, addresses: ['203.0.113.25'] });
    await live.kill();
    await live.start();
    expect(await live.held(name, 4)).toEqual(['203.0.113.25']);
    // Another program's transaction: the table is read again.
    live.scene.router.namespace.run('nft', 'add table inet other');
    await live.looksAgain();
    await live.resolve({ name, family: 4, addresses: ['203.0.113.26'] });
    expect(await live.held(name, 4)).toEqual(['203.0.113.26']);
    await checkFindsNothing(live, []);
  });
});

describeOnKernel('many clients, hosts and answers', ['ip', 'nft', 'conntrack', BUN], () => {
  const pod = PODS.router.ipv4;
  let live: LiveRouter;

  afterEach(() => live[Symbol.dispose]());

  /** Further addresses of the client. */
  function clientAddresses(count: number): string[] {
    const addresses = Array.from({ length: count }, (_, index) => `10.244.1.${20 + index}`);
    const { client, node } = live.scene;
    client.namespace.batch(...addresses.map((address) => `addr add ${address}/32 dev eth0`));
    node.namespace.batch(...addresses.map((address) => `route add ${address}/32 dev ${client.nodeLink}`));
    return addresses;
  }

  /** What each of these calls heard, an address of the client and a port of the router. */
  function ask(calls: readonly string[]): string[] {
    const words = calls.flatMap((call) => call.split(' '));
    const { status, stdout } = live.scene.client.namespace.try([process.execPath, MANY_CLIENTS, pod, ...words]);
    expect(status).toBe(0);
    return JSON.parse(stdout) as string[];
  }

  /** Hosts on port 443, on the router's ports from 20000 on. */
  const hostsOn443 = (length: number) =>
    Array.from({ length }, (_, index) => ({
      name: `host-${index}.example`,
      ports: [`${20_000 + index} TCP 443`],
    }));

  /** Servers on the LAN behind the gateway, from 203.0.113.100 on. */
  async function serve(count: number): Promise<string[]> {
    const servers = Array.from({ length: count }, (_, index) => `203.0.113.${100 + index}`);
    live.scene.server.batch(...servers.map((server) => `addr add ${server}/24 dev wan0`));
    await startLinesServer(live.scene.server, ...servers.map((server) => `tcp ${server} 443` as const));
    return servers;
  }

  test('100 hosts on port 443 lead each to its own server', async () => {
    const hosts = hostsOn443(100);
    live = router(...hosts);
    await live.add([]);
    await live.start();
    const servers = await serve(100);
    await live.resolve(...hosts.map(({ name }, index) => ({ name, family: 4 as const, addresses: [servers[index]!] })));
    const calls = hosts.map((_, index) => `${PODS.client.ipv4} ${20_000 + index}`);
    expect(ask(calls)).toEqual(servers.map((server) => `${server} 443 ${RESERVED.ipv4}`));
    await checkFindsNothing(live, []);
  }, 120_000);

  test('a client keeps its server over answers, a change of rules and a restart of the process', async () => {
    live = router(BANK, SHOP);
    await live.add([]);
    await live.start();
    const servers = await serve(4);
    const clients = clientAddresses(60).map((address) => `${address} 20443`);
    await live.resolve({ name: BANK.name, family: 4, addresses: servers });
    const before = ask(clients);
    expect(new Set(before).size).toBe(4);
    expect(ask(clients)).toEqual(before);
    await live.change(['1 TCP 203.0.113.26']);
    await live.kill();
    await live.start();
    expect(ask(clients)).toEqual(before);
    await live.resolve({ name: BANK.name, family: 4, addresses: servers.slice(1).reverse() });
    const after = ask(clients);
    const gone = `${servers[0]} 443 ${RESERVED.ipv4}`;
    expect(after.filter((server, index) => server !== before[index] && before[index] !== gone)).toEqual([]);
    expect(after).not.toContain(gone);
  }, 120_000);

  test('after each of 200 answers the table is the answer, and no open connection was cut', async () => {
    const seed = 1 + Math.floor(Math.random() * 2 ** 31);
    console.info(`seed ${seed}`);
    const random = new Random(seed);
    live = router(BANK, SHOP);
    await live.add([]);
    await live.start();
    const servers = await serve(8);
    const held: Conversation[] = [];
    let now: Record<string, readonly string[]> = {};
    for (let step = 0; step < 200; step++) {
      const changes = [BANK, SHOP]
        .filter(() => random.once(2))
        .map(({ name }) => ({ name, family: 4 as const, addresses: servers.filter(() => random.once(3)) }));
      await live.resolve(...changes);
      now = { ...now, ...Object.fromEntries(changes.map(({ name, addresses }) => [name, addresses])) };
      for (const [port, name] of [
        [20443, BANK.name],
        [20444, SHOP.name],
      ] as const) {
        const addresses = now[name] ?? [];
        const { buckets, targets } = portState(live.scene.router.namespace, 4, 'tcp', port);
        expect({ step, port, buckets }).toEqual({ step, port, buckets: spreadTexts(addresses) });
        expect(targets).toEqual(expect.arrayContaining([...new Set(spreadTexts(addresses))]));
        if (addresses.length > 0 && held.length < 60) {
          held.push(await Conversation.open(live.scene.client.namespace, `tcp ${pod} ${port}`));
        }
      }
      if (step % 50 === 0) await checkFindsNothing(live, []);
    }
    const answers = await Promise.all(held.map((each) => each.ask(10_000)));
    expect(answers.filter((answer) => !/^203\.0\.113\.1\d\d 443 /.test(answer ?? ''))).toEqual([]);
    await checkFindsNothing(live, []);
  }, 300_000);

  test('more ports than the table has room for come, and an open connection goes on', async () => {
    const hosts = hostsOn443(200);
    live = router(...hosts);
    await live.add([]);
    await live.start();
    const [server] = await serve(1);
    const change = ({ name }: (typeof hosts)[number]) => ({ name, family: 4 as const, addresses: [server!] });
    await live.resolve(change(hosts[0]!));
    const held = await Conversation.open(live.scene.client.namespace, `tcp ${pod} 20000`);
    await live.resolve(...hosts.map(change));
    expect(await held.ask()).toBe(`${server} 443 ${RESERVED.ipv4}`);
    expect(ask([`${PODS.client.ipv4} 20199`])).toEqual([`${server} 443 ${RESERVED.ipv4}`]);
    await checkFindsNothing(live, []);
  }, 60_000);
});
