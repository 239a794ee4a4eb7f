import { type Answer, decode, encode } from 'dns-packet';
import {
  encodeQuestion,
  type MessageMeaning,
  MOST_MESSAGE_BYTES,
  readMessage,
  type SentQuestion,
} from '../../../../cni/serve/names/dns-message';
import { a, aaaa, cname, reply, truncated } from '../../../support/dns-server';
import { Random } from '../../../support/random';
import { repetitions } from '../../../support/repetitions';

const QUESTION: SentQuestion = { name: 'api.bank.example', family: 4, id: 0x1234, hasEdns: true };
const QUERY = decode(encodeQuestion(QUESTION));

/** The addresses with their TTL, or what else the message means. */
function meaning(message: Buffer, question = QUESTION): unknown {
  const found: MessageMeaning = readMessage(message, question);
  if (typeof found === 'string' || 'failure' in found) return found;
  return [found.ttl, ...found.addresses.map(({ text }) => text)];
}

test('a question asks for recursion, and says how long an answer may be', () => {
  expect(QUERY).toMatchObject({
    id: 0x1234,
    type: 'query',
    flag_rd: true,
    questions: [{ name: 'api.bank.example', type: 'A', class: 'IN' }],
    additionals: [{ type: 'OPT', udpPayloadSize: 1232 }],
  });
  expect(decode(encodeQuestion({ ...QUESTION, family: 6, hasEdns: false }))).toMatchObject({
    questions: [{ type: 'AAAA' }],
    additionals: [],
  });
});

test('an answer has the addresses at the end of its aliases, and the shortest TTL on the way', () => {
  expect(
    meaning(reply(QUERY, [a('api.bank.example', '203.0.113.1', 30), a('api.bank.example', '203.0.113.2', 20)])),
  ).toEqual([20, '203.0.113.1', '203.0.113.2']);
  const chain = [
    a('c.example', '203.0.113.3', 40),
    cname('b.example', 'C.example', 10),
    cname('API.bank.example', 'b.example', 50),
    a('foreign.example', '203.0.113.4'),
    aaaa('c.example', '2001:db8::1'),
  ];
  expect(meaning(reply(QUERY, chain))).toEqual([10, '203.0.113.3']);
  const six = { ...QUESTION, family: 6 } as const;
  expect(meaning(reply(decode(encodeQuestion(six)), [aaaa('api.bank.example', '2001:DB8:0::1', 5)]), six)).toEqual([
    5,
    '2001:db8::1',
  ]);
});

test('aliases that lead to themselves, or are too many, are a loop', () => {
  const loop = [cname('api.bank.example', 'b.example'), cname('b.example', 'api.bank.example')];
  expect(meaning(reply(QUERY, loop))).toEqual({ failure: 'loop' });
  expect(meaning(reply(QUERY, [cname('api.bank.example', 'api.bank.example')]))).toEqual({ failure: 'loop' });
  const chain = (length: number) => [
    cname('api.bank.example', '1.example'),
    ...Array.from({ length: length - 1 }, (_, index) => cname(`${index + 1}.example`, `${index + 2}.example`)),
    a(`${length}.example`, '203.0.113.1'),
  ];
  expect(meaning(reply(QUERY, chain(16)))).toEqual([60, '203.0.113.1']);
  expect(meaning(reply(QUERY, chain(17)))).toEqual({ failure: 'loop' });
});

test.each([
  ['NXDOMAIN', 'nxdomain'],
  ['SERVFAIL', 'servfail'],
  ['REFUSED', 'refused'],
] as const)('%s is the failure %s', (rcode, failure) => {
  expect(meaning(reply(QUERY, [], { rcode }))).toEqual({ failure });
});

test('an answer without addresses of the family is empty', () => {
  expect(meaning(reply(QUERY, []))).toEqual({ failure: 'empty' });
  expect(meaning(reply(QUERY, [aaaa('api.bank.example', '2001:db8::1')]))).toEqual({ failure: 'empty' });
  expect(meaning(reply(QUERY, [cname('api.bank.example', 'b.example')]))).toEqual({ failure: 'empty' });
  expect(meaning(reply(QUERY, [a('other.example', '203.0.113.1')]))).toEqual({ failure: 'empty' });
  const chaos: Answer = { ...a('api.bank.example', '203.0.113.1'), class: 'CH' } as Answer;
  expect(meaning(reply(QUERY, [chaos]))).toEqual({ failure: 'empty' });
});

test('a message is foreign without the id and the question', () => {
  const good = [a('api.bank.example', '203.0.113.1')];
  expect(meaning(reply({ ...QUERY, id: 0x1235 }, good))).toBe('foreign');
  expect(meaning(reply({ ...QUERY, questions: [{ type: 'A', name: 'other.example' }] }, good))).toBe('foreign');
  expect(meaning(reply({ ...QUERY, questions: [{ type: 'AAAA', name: 'api.bank.example' }] }, good))).toBe('foreign');
  expect(meaning(reply({ ...QUERY, questions: [] }, good))).toBe('foreign');
  expect(meaning(reply({ ...QUERY, questions: [...QUERY.questions!, ...QUERY.questions!] }, good))).toBe('foreign');
  expect(meaning(encodeQuestion(QUESTION))).toBe('foreign');
  expect(meaning(Buffer.alloc(0))).toBe('foreign');
  expect(meaning(Buffer.from([0x12, 0x34]))).toBe('foreign');
});

test('a truncated message is so wherever it ends', () => {
  expect(meaning(truncated(QUERY))).toBe('truncated');
  const message = reply(QUERY, [a('api.bank.example', '203.0.113.1')], { changes: { flags: 0x200 } });
  expect(meaning(message.subarray(0, message.length - 5))).toBe('truncated');
});

test('a server that does not know EDNS is asked without', () => {
  for (const rcode of ['FORMERR', 'NOTIMP'] as const) {
    expect(meaning(reply(QUERY, [], { rcode }))).toBe('no-edns');
    expect(meaning(reply(QUERY, [], { rcode, changes: { questions: [] } }))).toBe('no-edns');
    expect(meaning(reply(QUERY, [], { rcode }), { ...QUESTION, hasEdns: false })).toEqual({ failure: 'refused' });
  }
});

test('an IPv4 address in an IPv6 one is malformed', () => {
  const six = { ...QUESTION, family: 6 } as const;
  const message = reply(decode(encodeQuestion(six)), [aaaa('api.bank.example', '::ffff:127.0.0.1')]);
  expect(meaning(message, six)).toEqual({ failure: 'malformed' });
});

test('a message that is too long, or says that it has many records, is not decoded', () => {
  const good = reply(QUERY, [a('api.bank.example', '203.0.113.1')]);
  expect(meaning(Buffer.concat([good, Buffer.alloc(MOST_MESSAGE_BYTES - good.length)]))).toEqual([60, '203.0.113.1']);
  expect(meaning(Buffer.concat([good, Buffer.alloc(MOST_MESSAGE_BYTES + 1 - good.length)]))).toEqual({
    failure: 'malformed',
  });
  const many = Buffer.from(good);
  many.writeUInt16BE(512, 6);
  expect(meaning(many)).toEqual({ failure: 'malformed' });
});

test('names of pointers to pointers cost little', () => {
  const question = encodeQuestion({ ...QUESTION, hasEdns: false });
  // Pointers back to back, then records whose names lead through all of them.
  const pointers = Buffer.alloc(10_000);
  for (let offset = 0; offset < pointers.length; offset += 2) {
    pointers.writeUInt16BE(0xc000 | (offset === 0 ? 12 : question.length + offset - 2), offset);
  }
  const record = Buffer.alloc(16);
  record.writeUInt16BE(0xc000 | (question.length + 9_998), 0);
  record.writeUInt16BE(1, 2);
  record.writeUInt16BE(1, 4);
  record.writeUInt16BE(4, 10);
  const message = Buffer.concat([question, pointers, ...new Array<Buffer>(300).fill(record)]);
  message.writeUInt16BE(0x8180, 2);
  message.writeUInt16BE(310, 6);
  const start = performance.now();
  readMessage(message, QUESTION);
  expect(performance.now() - start).toBeLessThan(1000);
});

test('messages with mistakes never throw, and give good addresses or none', () => {
  const random = new Random(1035);
  const seeds = [
    reply(QUERY, [a('api.bank.example', '203.0.113.1'), a('api.bank.example', '203.0.113.2')]),
    reply(QUERY, [cname('api.bank.example', 'b.example'), a('b.example', '203.0.113.3')]),
    reply(QUERY, [], { rcode: 'NXDOMAIN' }),
    encode({
      ...QUERY,
      type: 'response',
      answers: [a('api.bank.example', '203.0.113.4')],
      authorities: [{ type: 'NS', name: 'bank.example', data: 'ns.bank.example' }],
      additionals: [{ type: 'TXT', name: 'x.example', data: 'text' }, ...QUERY.additionals!],
    }),
  ];
  const kinds = new Set<string>();
  const start = performance.now();
  for (let count = repetitions(10_000, 100_000); count > 0; count--) {
    const message = mutatedMessage(random.oneOf(seeds), random);
    const found = readMessage(message, QUESTION);
    kinds.add(typeof found === 'string' ? found : 'failure' in found ? found.failure : 'addresses');
    if (typeof found === 'string' || 'failure' in found) continue;
    expect(found.addresses.length).toBeGreaterThan(0);
    expect(found.addresses.every(({ bytes }) => bytes.length === 4)).toBe(true);
    expect(found.ttl).toBeGreaterThanOrEqual(0);
  }
  expect(performance.now() - start).toBeLessThan(30_000);
  expect([...kinds].sort()).toEqual(
    expect.arrayContaining(['addresses', 'empty', 'foreign', 'malformed', 'truncated']),
  );
});

/** One to four mistakes: other bytes, a cut, or bytes of its own elsewhere. The id mostly stays. */
function mutatedMessage(message: Buffer, random: Random): Buffer {
  let copy: Buffer = Buffer.from(message);
  for (let count = 1 + random.below(4); count > 0; count--) {
    const at = (random.once(20) ? 0 : 2) + random.below(Math.max(1, copy.length - 2));
    if (at < copy.length) copy = random.oneOf(MISTAKES)(copy, at, random, message);
  }
  return copy;
}

type Mistake = (copy: Buffer, at: number, random: Random, message: Buffer) => Buffer;

const otherByte =
  (byte: (random: Random) => number): Mistake =>
  (copy, at, random) => {
    copy[at] = byte(random);
    return copy;
  };

const anyByte = otherByte((random) => random.below(256));
const oddByte = otherByte((random) => random.oneOf([0, 1, 0x3f, 0x40, 0x7f, 0x80, 0xc0, 0xff]));

const MISTAKES: readonly Mistake[] = [
  anyByte,
  anyByte,
  oddByte,
  oddByte,
  (copy, at) => Buffer.from(copy.subarray(0, at)),
  (copy, at, random, message) => Buffer.concat([copy.subarray(0, at), message.subarray(random.below(message.length))]),
];
