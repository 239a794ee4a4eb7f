import { createSocket, type Socket } from 'node:dgram';
import { decode } from 'dns-packet';
import { DnsClient } from '../../../../cni/serve/names/dns-client';
import type { DnsServer } from '../../../../cni/serve/names/dns-server';
import type { NameAnswer } from '../../../../src/domain/names/name-answer';
import { type IpAddress, parseIpAddress } from '../../../../src/domain/values/ip-address';
import { a, aaaa, cname, type DnsReplies, DnsServerUnderTest, reply, truncated } from '../../../support/dns-server';

const NAME = 'api.bank.example';
const servers: DnsServerUnderTest[] = [];
const sockets: Socket[] = [];

async function start(replies: DnsReplies, address?: string): Promise<DnsServerUnderTest> {
  const server = await DnsServerUnderTest.start(replies, address);
  servers.push(server);
  return server;
}

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.close();
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** A socket on loopback, closed after the test. */
async function bound(address = '127.0.0.1'): Promise<Socket> {
  const socket = createSocket('udp4').on('error', () => undefined);
  sockets.push(socket);
  await new Promise<void>((resolve) => socket.bind(0, address, resolve));
  return socket;
}

const ip = (text: string) => parseIpAddress(text) as IpAddress;

function at({ port }: { readonly port: number }, address = '127.0.0.1', source?: string): DnsServer {
  return { address: ip(address), port, ...(source === undefined ? {} : { source: ip(source) }) };
}

const client = (...asked: DnsServer[]) => new DnsClient({ servers: asked, answerMs: 5000 });
/** For tests of silence. */
const impatient = (...asked: DnsServer[]) => new DnsClient({ servers: asked, answerMs: 500 });

/** The addresses, or the failure. */
function textsOf(answer: NameAnswer): unknown {
  return 'failure' in answer ? answer.failure : answer.addresses.map(({ text }) => text);
}

async function ask(asked: DnsClient, family: 4 | 6 = 4): Promise<unknown> {
  return textsOf(await asked.ask({ name: NAME, family }));
}

const good: DnsReplies = (question) => [reply(question, [a(NAME, '203.0.113.1'), aaaa(NAME, '2001:db8::1')])];
const silent: DnsReplies = () => [];

test('a client asks for the addresses of one family, each time with another id and from another port', async () => {
  const ids = new Set<number | undefined>();
  const server = await start((question) => {
    ids.add(question.id);
    return good(question, 'udp');
  });
  const one = client(at(server));
  expect(await ask(one)).toEqual(['203.0.113.1']);
  expect(await ask(one, 6)).toEqual(['2001:db8::1']);
  for (let count = 0; count < 8; count++) await ask(one);
  expect(ids.size).toBeGreaterThan(8);
  expect(new Set(server.asked.map(({ port }) => port)).size).toBeGreaterThan(8);
  expect(server.asked.slice(0, 2).map(({ type }) => type)).toEqual(['A', 'AAAA']);
});

test('a client asks from the address that it is to ask from, and a server of IPv6', async () => {
  const sources: string[] = [];
  const socket = await bound();
  socket.on('message', (message, from) => {
    sources.push(from.address);
    socket.send(reply(decode(message), [a(NAME, '203.0.113.1')]), from.port, from.address);
  });
  expect(await ask(client(at(socket.address(), '127.0.0.1', '127.0.0.7')))).toEqual(['203.0.113.1']);
  expect(sources).toEqual(['127.0.0.7']);
  const server = await start(good, '::1');
  expect(await ask(client(at(server, '::1')), 6)).toEqual(['2001:db8::1']);
});

test('a truncated answer is asked for by TCP, with its 60 addresses', async () => {
  const all = Array.from({ length: 60 }, (_, index) => `203.0.113.${index + 1}`);
  const server = await start((question, way) =>
    way === 'udp'
      ? [truncated(question)]
      : [
          reply(
            question,
            all.map((text) => a(NAME, text)),
          ),
        ],
  );
  expect(await ask(client(at(server)))).toEqual(all);
  expect(server.asked.map(({ way }) => way)).toEqual(['udp', 'tcp']);
});

test('a truncated answer by TCP, one that is too long, and a connection that ends are malformed', async () => {
  const server = await start((question) => [truncated(question)]);
  expect(await ask(client(at(server)))).toBe('malformed');
  server.answers = (question, way) => [way === 'udp' ? truncated(question) : Buffer.alloc(20_000)];
  expect(await ask(client(at(server)))).toBe('malformed');
  server.answers = (question, way) => (way === 'udp' ? [truncated(question)] : []);
  expect(await ask(impatient(at(server)))).toBe('timeout');
});

test.each([
  ['NXDOMAIN', 'nxdomain', 1],
  ['SERVFAIL', 'servfail', 2],
  ['REFUSED', 'refused', 2],
  ['NOERROR', 'empty', 1],
] as const)('after %s a client says %s; the other server is asked if it may know more', async (rcode, said, asked) => {
  const first = await start((question) => [reply(question, [], { rcode })]);
  const second = await start(good);
  expect(await ask(client(at(first)))).toBe(said);
  expect(await ask(client(at(first), at(second)))).toEqual(asked === 1 ? said : ['203.0.113.1']);
  expect(second.asked).toHaveLength(asked - 1);
});

test('a client goes on to the next server after silence, and begins with that one the next time', async () => {
  const [first, second] = [await start(silent), await start(good)];
  const one = impatient(at(first), at(second));
  expect(await ask(one)).toEqual(['203.0.113.1']);
  expect(await ask(one)).toEqual(['203.0.113.1']);
  expect([first.asked.length, second.asked.length]).toEqual([1, 2]);
  // Both are asked twice before the client gives up.
  second.answers = silent;
  expect(await ask(one)).toBe('timeout');
  expect([first.asked.length, second.asked.length]).toEqual([3, 4]);
});

test('a slow answer counts if it is in time', async () => {
  const socket = await bound();
  socket.on('message', (message, from) => {
    setTimeout(() => socket.send(reply(decode(message), [a(NAME, '203.0.113.1')]), from.port, from.address), 300);
  });
  const [late, patient] = [150, 2000].map((answerMs) => new DnsClient({ servers: [at(socket.address())], answerMs }));
  expect(await ask(late!)).toBe('timeout');
  expect(await ask(patient!)).toEqual(['203.0.113.1']);
});

test('a port without a server is unreachable, and so is a server from an address that the pod lacks', async () => {
  const server = await start(good);
  await server.close();
  servers.length = 0;
  expect(await ask(client({ address: ip('127.0.0.1'), port: 1 }))).toBe('unreachable');
  expect(await ask(client(at({ port: 53 }, '127.0.0.1', '203.0.113.77')))).toBe('unreachable');
});

test('answers with a wrong id are not believed, and the right one after them is', async () => {
  const wrong: DnsReplies = (question) => [reply({ ...question, id: question.id! ^ 1 }, [a(NAME, '198.51.100.66')])];
  const server = await start((question) => [...wrong(question, 'udp'), ...good(question, 'udp')]);
  expect(await ask(client(at(server)))).toEqual(['203.0.113.1']);
  server.answers = wrong;
  expect(await ask(impatient(at(server)))).toBe('timeout');
  // A sender that guesses ids is not listened to for long.
  server.answers = (question) => new Array<Buffer>(100).fill(wrong(question, 'udp')[0]!);
  expect(await ask(client(at(server)))).toBe('malformed');
});

test('answers from another address or port are not heard', async () => {
  const spoofers = [await bound(), await bound('127.0.0.9')];
  const server = await bound();
  server.on('message', (message, { port, address }) => {
    const forged = reply(decode(message), [a(NAME, '198.51.100.66')]);
    for (const spoofer of spoofers) spoofer.send(forged, port, address);
    setTimeout(() => server.send(reply(decode(message), [a(NAME, '203.0.113.1')]), port, address), 50);
  });
  expect(await ask(client(at(server.address())))).toEqual(['203.0.113.1']);
});

test('a server that does not know EDNS is asked without', async () => {
  const server = await start((question) =>
    question.additionals!.length > 0 ? [reply(question, [], { rcode: 'FORMERR' })] : good(question, 'udp'),
  );
  expect(await ask(client(at(server)))).toEqual(['203.0.113.1']);
  server.answers = (question) => [reply(question, [], { rcode: 'FORMERR' })];
  expect(await ask(client(at(server)))).toBe('refused');
});

test('aliases are followed, and a loop of them is one', async () => {
  const server = await start((question) => [
    reply(question, [cname(NAME, 'b.example'), a('b.example', '203.0.113.2')]),
  ]);
  expect(await ask(client(at(server)))).toEqual(['203.0.113.2']);
  server.answers = (question) => [reply(question, [cname(NAME, 'b.example'), cname('b.example', NAME)])];
  expect(await ask(client(at(server)))).toBe('loop');
});

test('a message that cannot be decoded is malformed', async () => {
  const server = await start((question) => [good(question, 'udp')[0]!.subarray(0, 50)]);
  expect(await ask(client(at(server)))).toBe('malformed');
});

test('the time for a question bounds it, however many servers are silent', async () => {
  const asked = await Promise.all([silent, silent, good].map((replies) => start(replies)));
  const servers = asked.map((each) => at(each));
  const hurried = new DnsClient({ servers, answerMs: 500, questionMs: 800 });
  expect(await ask(hurried)).toEqual('timeout');
  expect(asked.map(({ asked: questions }) => questions.length)).toEqual([1, 1, 0]);
});
