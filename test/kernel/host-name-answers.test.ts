import { Dns, type DnsRecord } from './lab/dns';
import { LAN, PODS } from './lab/layout';
import { eventually } from './support/eventually';
import { describeOnKernel } from './support/requires';
import { ResolvConf } from './support/resolv-conf';
import { BANK, FIRST, ResolvingRouter, SECOND, SERVER, SHOP } from './support/resolving-router';

/** A second DNS server, and a host that guesses. */
const [OTHER_SERVER, GUESSER] = ['203.0.113.28', '203.0.113.25'];
const NODE = LAN.node.ipv4.split('/')[0]!;

/** A name that leads to an address over so many aliases. */
function chain(name: string, length: number, address: string): Record<string, DnsRecord> {
  const names = [name, ...Array.from({ length }, (_, index) => `alias-${index}.example`)];
  return Object.fromEntries(
    names.map((each, index) => [each, index === length ? { A: [address] } : { alias: names[index + 1]! }]),
  );
}

describeOnKernel('answers that serve gets', ['ip', 'nft', 'conntrack', 'curl'], () => {
  let router: ResolvingRouter;
  let dns: Dns;
  beforeAll(async () => {
    router = await ResolvingRouter.add({ servers: [OTHER_SERVER, SERVER], source: 'reserved' });
    router.scene.server.batch(`addr add ${OTHER_SERVER}/24 dev wan0`);
    dns = await Dns.start(router.scene.server, SERVER);
  });
  afterAll(() => router[Symbol.dispose]());

  const metric = (name: string, labels: string) => {
    const line = `egress_router_host_${name}{host="${SHOP}",family="ipv4"${labels}} `;
    const found = router.get('/metrics').split('\n');
    return Number(found.find((each) => each.startsWith(line))?.slice(line.length) ?? 0);
  };
  const failures = (outcome: string) => metric('answers_total', `,outcome="${outcome}"`);
  const fails = (outcome: string, known: number) =>
    eventually(() => expect(failures(outcome)).toBeGreaterThan(known), 60_000);

  test('a server that is too slow is left for the next one', async () => {
    const slow = await Dns.start(router.scene.server, OTHER_SERVER);
    await slow.say({ [BANK]: { A: [SECOND], delay: 3000 }, [SHOP]: { A: [SECOND], delay: 3000 } });
    await dns.say({ [BANK]: { A: [FIRST], ttl: 30 }, [SHOP]: { A: [FIRST], ttl: 1 } });
    router.start();
    await router.leadsTo(20443, FIRST);
    await router.leadsTo(20444, FIRST);
    expect(slow.questions.length).toBeGreaterThan(0);
  }, 60_000);

  test('answers of other hosts are ignored, and too many guesses are a failure: the last answer stays', async () => {
    const forged = { A: SECOND, guesses: 5, from: GUESSER };
    await dns.say({ [BANK]: { A: [SECOND], ttl: 30 }, [SHOP]: { A: [FIRST], forged } });
    const good = failures('addresses');
    await eventually(() => expect(failures('addresses')).toBeGreaterThan(good), 60_000);
    await router.leadsTo(20444, FIRST);
    const known = failures('malformed');
    await dns.say({ [BANK]: { A: [SECOND], ttl: 30 }, [SHOP]: { A: [SECOND], forged: { ...forged, guesses: 200 } } });
    await fails('malformed', known);
    await router.leadsTo(20444, FIRST);
  }, 120_000);

  test('aliases are followed, and a loop or too many of them are a failure', async () => {
    const bank = { [BANK]: { A: [SECOND], ttl: 30 } };
    await dns.say({ ...bank, ...chain(SHOP, 16, SECOND) });
    await router.leadsTo(20444, SECOND);
    const known = failures('loop');
    await dns.say({ ...bank, [SHOP]: { alias: 'alias.example' }, 'alias.example': { alias: SHOP } });
    await fails('loop', known);
    await dns.say({ ...bank, ...chain(SHOP, 17, FIRST) });
    await fails('loop', failures('loop'));
    await router.leadsTo(20444, SECOND);
  }, 120_000);

  test('an answer of 30 s has been replaced by then', async () => {
    await router.leadsTo(20443, SECOND);
    const asked = dns.questions.filter(({ name }) => name === BANK);
    // At the start, and once or twice since: not every second.
    expect(asked.length).toBeLessThan(10);
  }, 60_000);
});

describeOnKernel("the node's DNS servers", ['ip', 'nft', 'conntrack', 'curl'], () => {
  test('serve asks those of /etc/resolv.conf, and follows a change of it', async () => {
    using router = await ResolvingRouter.add({ source: 'pod' });
    using file = new ResolvConf(router.scene.router.namespace);
    file.write('search example\nnameserver 127.0.0.53\n');
    router.start();
    await eventually(() =>
      expect(router.get('/readyz?verbose')).toContain('nameserver 127.0.0.53 is a loopback address'),
    );
    const dns = await Dns.start(router.scene.node.namespace, NODE);
    await dns.say({ [BANK]: { A: [FIRST] }, [SHOP]: { A: [SECOND] } });
    file.write(`search example\nnameserver 10.96.0.10\nnameserver ${NODE}\n`);
    await router.leadsTo(20443, FIRST);
    await router.leadsTo(20444, SECOND);
    expect(new Set(dns.questions.map(({ from }) => from))).toEqual(new Set([PODS.router.ipv4]));
    expect(router.get('/readyz?verbose')).toContain(
      'nameserver 10.96.0.10 is in 10.96.0.0/12, a network of the cluster',
    );
  }, 60_000);
});
