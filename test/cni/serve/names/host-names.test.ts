import type { AddressChange } from '../../../../cni/serve/live-rules/host-addresses';
import { HostMetrics } from '../../../../cni/serve/metrics/host-metrics';
import { HostNames, type HostNamesOptions, type NamedRules } from '../../../../cni/serve/names/host-names';
import type { Host } from '../../../../src/domain/router/host';
import { type Cidr, parseCidr } from '../../../../src/domain/values/cidr';
import { type Family, type IpAddress, parseIpAddress } from '../../../../src/domain/values/ip-address';
import { a, aaaa, type DnsReplies, DnsServerUnderTest, reply } from '../../../support/dns-server';

const ip = (text: string) => parseIpAddress(text) as IpAddress;
const net = (text: string) => parseCidr(text) as Cidr;
const host = (name: string, allowed?: string): Host => ({
  name,
  ports: [{ routerPort: 20443, protocol: 'TCP', port: 443 }],
  addresses: [],
  ...(allowed === undefined ? {} : { allowedCidrs: [net(allowed)] }),
});

/** Rules that keep what they are given. */
class Rules implements NamedRules {
  public readonly transactions: (readonly AddressChange[])[] = [];
  private readonly held = new Map<string, readonly IpAddress[]>();

  public constructor(public hosts: readonly Host[]) {}

  public heldAddresses(name: string, family: Family): readonly IpAddress[] {
    return this.held.get(`${family} ${name}`) ?? [];
  }

  public setAddresses(changes: readonly AddressChange[]): void {
    this.transactions.push(changes);
    for (const { name, family, addresses } of changes) this.held.set(`${family} ${name}`, addresses);
  }

  public hold(name: string, ...addresses: string[]): void {
    this.held.set(`4 ${name}`, addresses.map(ip));
  }

  public texts(name: string, family: Family = 4): string[] {
    return this.heldAddresses(name, family).map(({ text }) => text);
  }
}

const started: (AsyncDisposable | Disposable)[] = [];
afterEach(async () => {
  for (const each of started.splice(0).reverse()) {
    if (Symbol.asyncDispose in each) await each[Symbol.asyncDispose]();
    else each[Symbol.dispose]();
  }
});

interface Started {
  readonly names: HostNames;
  readonly server: DnsServerUnderTest;
  readonly lines: string[];
}

async function start(
  rules: NamedRules,
  replies: DnsReplies,
  changes: Partial<HostNamesOptions> = {},
): Promise<Started> {
  const server = await DnsServerUnderTest.start(replies);
  started.push({ [Symbol.asyncDispose]: () => server.close() });
  const lines: string[] = [];
  const log =
    (level: string) =>
    (message: string, fields: object = {}) =>
      void lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  const resolver = {
    servers: [ip('127.0.0.1')],
    source: 'pod' as const,
    clusterCidrs: [net('10.96.0.0/12')],
    unresolvedIsUnready: false,
  };
  const addresses = [{ cidr: net('192.168.12.99/24'), gateway: ip('192.168.12.1') }];
  const options = { resolver, addresses, port: server.port, ...changes };
  const names = new HostNames(options, rules, { info: log('info'), warn: log('warn') });
  started.push(names);
  return { names, server, lines };
}

/** Waits until something holds, for as long as the test may last. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
}

const answering =
  (...addresses: string[]): DnsReplies =>
  (question) => {
    const { name } = question.questions![0]!;
    return [
      reply(
        question,
        addresses.map((text) => (text.includes(':') ? aaaa(name, text) : a(name, text))),
      ),
    ];
  };

test('hosts without addresses are resolved, each change of a moment in one transaction', async () => {
  const rules = new Rules([
    host('a.example'),
    host('b.example'),
    { ...host('fixed.example'), addresses: [ip('203.0.113.9')] },
  ]);
  const { server, names, lines } = await start(rules, answering('203.0.113.1'));
  await until(() => rules.texts('a.example').length > 0 && rules.texts('b.example').length > 0);
  expect(rules.texts('a.example')).toEqual(['203.0.113.1']);
  expect(rules.transactions.flat()).toHaveLength(2);
  expect(server.asked.map(({ name }) => name).sort()).toEqual(['a.example', 'b.example']);
  expect(names.check()).toEqual([{ name: 'names' }]);
  expect(lines).toEqual([]);
});

test('both families are asked for where the router has them and the host allows them', async () => {
  const rules = new Rules([host('a.example'), host('six.example', '2001:db8::/32')]);
  const addresses = [
    { cidr: net('192.168.12.99/24'), gateway: ip('192.168.12.1') },
    { cidr: net('2001:db8:12::99/64'), gateway: ip('fe80::1') },
  ];
  const { server } = await start(rules, answering('203.0.113.1', '2001:db8:113::1'), { addresses });
  await until(() => rules.transactions.flat().length === 3);
  expect(rules.texts('a.example', 6)).toEqual(['2001:db8:113::1']);
  expect(server.asked.filter(({ name }) => name === 'six.example').map(({ type }) => type)).toEqual(['AAAA']);
});

test('what an earlier process put in force stays until an answer replaces it', async () => {
  const rules = new Rules([host('a.example')]);
  rules.hold('a.example', '203.0.113.7');
  const silent = await start(rules, () => []);
  await until(() => silent.server.asked.length > 0);
  expect(silent.names.check()).toEqual([{ name: 'names' }]);
  expect(rules.transactions).toEqual([]);
  const { server } = await start(rules, answering('203.0.113.8'));
  await until(() => rules.texts('a.example')[0] === '203.0.113.8');
  expect(server.asked).toHaveLength(1);
});

test('an address in force that the networks of a changed host no longer allow goes at once', async () => {
  const rules = new Rules([host('a.example', '198.51.100.0/24')]);
  rules.hold('a.example', '203.0.113.7');
  await start(rules, () => []);
  await until(() => rules.transactions.length > 0);
  expect(rules.texts('a.example')).toEqual([]);
});

test.each([
  ['10.96.0.10', "10.96.0.10 is an address of the cluster, where the router's own Services are"],
  ['127.0.0.1', '127.0.0.1 is a loopback address'],
  ['169.254.169.254', '169.254.169.254 is a link-local address'],
  ['192.168.12.99', '192.168.12.99 is an address of the router itself'],
  ['192.168.12.255', "192.168.12.255 is the network or broadcast address of the router's subnet"],
  ['192.0.2.10', "192.0.2.10 is the address of the router's node"],
  ['203.0.113.9', '203.0.113.9 is outside of allowedCidrs'],
])('an answer of %s is refused and shown: %s', async (address, reason) => {
  const rules = new Rules([host('a.example', '198.51.100.0/24')]);
  const { names, lines } = await start(rules, answering(address), { nodeAddress: ip('192.0.2.10') });
  await until(() => names.check()[0]?.problems !== undefined);
  expect(names.check()).toEqual([
    { name: 'names', problems: [`a.example does not resolve: ${reason}`], onlyWarns: true },
  ]);
  expect(rules.transactions).toEqual([]);
  const fields = { host: 'a.example', reason, effect: 'connections are refused' };
  expect(lines).toEqual([`warn host does not resolve ${JSON.stringify(fields)}`]);
});

test('a router without a gateway takes addresses of its subnet alone', async () => {
  const rules = new Rules([host('far.example'), host('near.example')]);
  const { names } = await start(
    rules,
    (question) =>
      answering(question.questions![0]!.name === 'near.example' ? '192.168.12.7' : '203.0.113.1')(question, 'udp'),
    { addresses: [{ cidr: net('192.168.12.99/24') }] },
  );
  await until(() => rules.texts('near.example').length > 0 && names.check()[0]?.problems !== undefined);
  expect(names.check()[0]?.problems).toEqual([
    "far.example does not resolve: 203.0.113.1 is outside the router's subnet, and there is no gateway",
  ]);
});

test('a name that does not exist is a warning, an error on request, and is reported when it resolves', async () => {
  const rules = new Rules([host('a.example')]);
  const { names, server, lines } = await start(rules, (question) => [reply(question, [], { rcode: 'NXDOMAIN' })]);
  await until(() => names.check()[0]?.problems !== undefined);
  expect(names.check()[0]).toMatchObject({
    problems: ['a.example does not resolve: the name does not exist (NXDOMAIN)'],
    onlyWarns: true,
  });
  server.answers = answering('203.0.113.1');
  await until(() => rules.texts('a.example').length > 0);
  expect(names.check()).toEqual([{ name: 'names' }]);
  expect(lines.at(-1)).toBe('info host resolves again {"host":"a.example"}');
});

test('where an unresolved host makes the router unready, it is so from the start', async () => {
  const rules = new Rules([host('a.example')]);
  const resolver = { servers: [ip('127.0.0.1')], source: 'pod' as const, clusterCidrs: [], unresolvedIsUnready: true };
  const { names } = await start(rules, () => [], { resolver });
  expect(names.check()).toEqual([{ name: 'names', problems: ['a.example does not resolve: no answer yet'] }]);
});

test('hosts of a changed file are followed, and a long list of problems is bounded', async () => {
  const rules = new Rules([]);
  const { names } = await start(rules, (question) => [reply(question, [], { rcode: 'NXDOMAIN' })]);
  rules.hosts = Array.from({ length: 30 }, (_, index) => host(`h${index}.example`));
  await until(() => (names.check()[0]?.problems?.length ?? 0) === 21);
  await until(() => names.check()[0]?.problems?.at(-1) === 'further hosts do not resolve: 10');
});

test('metrics have addresses, answers by outcome, refusals, and the time of the last good answer', async () => {
  const rules = new Rules([host('a.example'), host('b.example', '198.51.100.0/24')]);
  const { names } = await start(rules, answering('203.0.113.1', '203.0.113.2'));
  const metrics = new HostMetrics(() => names.names);
  const text = () => Buffer.from(metrics.bytes()).toString();
  await until(() => text().includes('outcome="refused-addresses"') && rules.texts('a.example').length > 0);
  for (const line of [
    'egress_router_host_resolved{host="a.example"} 1',
    'egress_router_host_resolved{host="b.example"} 0',
    'egress_router_host_addresses{host="a.example",family="ipv4"} 2',
    'egress_router_host_addresses{host="b.example",family="ipv4"} 0',
    'egress_router_host_answers_total{host="a.example",family="ipv4",outcome="addresses"} 1',
    'egress_router_host_refused_addresses{host="b.example",family="ipv4",reason="not-allowed"} 2',
  ])
    expect(text()).toContain(`${line}\n`);
  expect(text()).toMatch(/egress_router_host_last_answer_timestamp_seconds\{host="a.example",family="ipv4"\} \d+\n/);
  expect(text()).not.toContain('timestamp_seconds{host="b.example"');
});
