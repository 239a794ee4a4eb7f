import { Dns } from './lab/dns';
import { LAN, PODS, RESERVED } from './lab/layout';
import { eventually } from './support/eventually';
import { describeOnKernel } from './support/requires';
import { BANK, FIRST, ResolvingRouter, SECOND, SERVER, SHOP } from './support/resolving-router';

describeOnKernel('hosts that serve resolves', ['ip', 'nft', 'conntrack', 'curl'], () => {
  let router: ResolvingRouter;
  let dns: Dns;
  afterEach(() => router[Symbol.dispose]());

  const fromReserved = { servers: [SERVER], source: 'reserved' };

  test('a name is refused until DNS answers, follows the answers, and keeps the last one', async () => {
    router = await ResolvingRouter.add(fromReserved);
    router.start();
    await eventually(() =>
      expect(router.get('/readyz?verbose')).toContain(`[!]names warning: ${BANK} does not resolve`),
    );
    expect(router.get('/readyz')).toBe('ok\n');
    await router.refuses(20443);
    expect(await (await router.talk(8080)).ask()).toBe(`${FIRST} 80 ${RESERVED.ipv4}`);

    dns = await Dns.start(router.scene.server, SERVER);
    await dns.say({ [BANK]: { A: [FIRST], ttl: 1 } });
    const open = await router.leadsTo(20443, FIRST);
    expect(new Set(dns.questions.map(({ from }) => from))).toEqual(new Set([RESERVED.ipv4]));
    await router.refuses(20444);

    await dns.say({ [BANK]: { A: [SECOND], ttl: 0 }, [SHOP]: { A: [FIRST], ttl: 86_400 } });
    await router.leadsTo(20443, SECOND);
    await router.leadsTo(20444, FIRST);
    expect(await open.ask()).toBe(`${FIRST} 443 ${RESERVED.ipv4}`);
    expect(router.get('/readyz?verbose')).toContain('[+]names ok\n');
    expect(router.get('/metrics')).toContain(`egress_router_host_resolved{host="${BANK}"} 1\n`);

    await dns.say({});
    await eventually(() => expect(router.log.map(({ message }) => message)).toContain('host does not resolve'), 60_000);
    await router.leadsTo(20443, SECOND);
    await router.kill();
    await dns.say({ [BANK]: { way: 'silent' }, [SHOP]: { way: 'silent' } });
    router.start();
    await eventually(() => expect(router.get('/readyz')).toBe('ok\n'));
    await router.leadsTo(20443, SECOND);
    expect(await open.ask()).toBe(`${FIRST} 443 ${RESERVED.ipv4}`);
    const { status, stdout } = await router.scene.router.call('CHECK', router.config);
    expect([status, stdout]).toEqual([0, '']);
  }, 180_000);

  test('a truncated answer is asked for by TCP, and 60 addresses of one name are used', async () => {
    router = await ResolvingRouter.add(fromReserved);
    dns = await Dns.start(router.scene.server, SERVER);
    const many = Array.from({ length: 60 }, (_, index) => `203.0.113.${index + 100}`);
    await dns.say({ [BANK]: { A: [FIRST], way: 'truncated' }, [SHOP]: { A: many } });
    router.start();
    await router.leadsTo(20443, FIRST);
    expect(dns.questions).toContainEqual({ name: BANK, type: 'A', way: 'tcp', from: RESERVED.ipv4 });
    await eventually(() =>
      expect(router.get('/metrics')).toContain(`egress_router_host_addresses{host="${SHOP}",family="ipv4"} 60\n`),
    );
    const { status, stdout } = await router.scene.router.call('CHECK', router.config);
    expect([status, stdout]).toEqual([0, '']);
  }, 120_000);

  test.each([
    ['a pod', PODS.client.ipv4, 'cluster'],
    ['the router itself', RESERVED.ipv4, 'own'],
    ['loopback', '127.0.0.1', 'loopback'],
    ['the metadata service', '169.254.169.254', 'link-local'],
    ['a network that is not allowed', SECOND, 'not-allowed'],
  ])(
    'an answer that leads to %s is refused, and shown',
    async (_, address, reason) => {
      router = await ResolvingRouter.add(fromReserved, { allowedCidrs: [`${FIRST}/32`] });
      dns = await Dns.start(router.scene.server, SERVER);
      await dns.say({ [BANK]: { A: [FIRST] }, [SHOP]: { A: [address] } });
      router.start();
      await router.leadsTo(20443, FIRST);
      const refused = `egress_router_host_refused_addresses{host="${SHOP}",family="ipv4",reason="${reason}"} 1\n`;
      await eventually(() => expect(router.get('/metrics')).toContain(refused));
      await router.refuses(20444);
      await eventually(() =>
        expect(router.get('/readyz?verbose')).toContain(`${SHOP} does not resolve: ${address} is`),
      );
    },
    60_000,
  );

  test("a server is asked from the pod's own address, and a malformed answer changes nothing", async () => {
    const server = LAN.node.ipv4.split('/')[0]!;
    router = await ResolvingRouter.add({ servers: [server], source: 'pod', unresolvedIsUnready: true });
    dns = await Dns.start(router.scene.node.namespace, server);
    await dns.say({ [BANK]: { A: [FIRST] }, [SHOP]: { A: [FIRST], way: 'malformed' } });
    router.start();
    await router.leadsTo(20443, FIRST);
    expect(new Set(dns.questions.map(({ from }) => from))).toEqual(new Set([PODS.router.ipv4]));
    await eventually(() =>
      expect(router.get('/readyz')).toContain(`[-]names failed: ${SHOP} does not resolve: the answer is malformed`),
    );
    await dns.say({ [BANK]: { A: [FIRST] }, [SHOP]: { A: [SECOND] } });
    await router.leadsTo(20444, SECOND);
    await eventually(() => expect(router.get('/readyz')).toBe('ok\n'));
  }, 120_000);
});
