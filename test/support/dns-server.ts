import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { createServer, type Server, type Socket as Stream } from 'node:net';
import { type Answer, decode, encode, type Packet, TRUNCATED_RESPONSE } from 'dns-packet';

/** What a server sends for a question; several messages, or none. */
export type DnsReplies = (question: Packet, way: 'udp' | 'tcp') => readonly Buffer[];

/** A DNS server on loopback, whose answers a test decides. UDP and TCP have one port. */
export class DnsServerUnderTest {
  /** Questions in their order. */
  public readonly asked: {
    readonly name: string;
    readonly type: string;
    readonly way: string;
    readonly port: number;
  }[] = [];

  private constructor(
    private readonly udp: Socket,
    private readonly tcp: Server,
    private replies: DnsReplies,
    private readonly streams = new Set<Stream>(),
  ) {}

  public static async start(replies: DnsReplies, address = '127.0.0.1'): Promise<DnsServerUnderTest> {
    const udp = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    await new Promise<void>((resolve) => udp.bind(0, address, resolve));
    const tcp = createServer();
    await new Promise<void>((resolve) => tcp.listen(udp.address().port, address, resolve));
    const server = new DnsServerUnderTest(udp, tcp, replies);
    udp.on('message', (message, from) => server.answer(message, from));
    tcp.on('connection', (stream) => server.serve(stream));
    return server;
  }

  public get port(): number {
    return this.udp.address().port;
  }

  public set answers(replies: DnsReplies) {
    this.replies = replies;
  }

  public async close(): Promise<void> {
    for (const stream of this.streams) stream.destroy();
    await new Promise<void>((resolve) => this.udp.close(() => resolve()));
    await new Promise<void>((resolve) => this.tcp.close(() => resolve()));
  }

  private answer(message: Buffer, { address, port }: RemoteInfo): void {
    for (const reply of this.repliesTo(message, 'udp', port)) this.udp.send(reply, port, address);
  }

  private serve(stream: Stream): void {
    this.streams.add(stream);
    let received = Buffer.alloc(0);
    stream.on('error', () => undefined);
    stream.on('data', (part) => {
      received = Buffer.concat([received, part]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
      for (const reply of this.repliesTo(received.subarray(2), 'tcp', stream.remotePort ?? 0)) {
        // In two parts: a message need not arrive at once.
        const framed = Buffer.concat([Buffer.from([reply.length >> 8, reply.length & 0xff]), reply]);
        stream.write(framed.subarray(0, 7));
        setTimeout(() => stream.write(framed.subarray(7)), 5);
      }
    });
  }

  private repliesTo(message: Buffer, way: 'udp' | 'tcp', port: number): readonly Buffer[] {
    const question = decode(message);
    const [{ name, type } = { name: '', type: '' }] = question.questions ?? [];
    this.asked.push({ name, type, way, port });
    return this.replies(question, way);
  }
}

const RCODES = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 } as const;

/** The answer to a question. */
export function reply(
  question: Packet,
  answers: readonly Answer[],
  { rcode = 'NOERROR', changes = {} }: { rcode?: keyof typeof RCODES; changes?: Partial<Packet> } = {},
): Buffer {
  const { id, questions } = question;
  return encode({ type: 'response', id, flags: RCODES[rcode], questions, answers: [...answers], ...changes });
}

export function truncated(question: Packet): Buffer {
  return reply(question, [], { changes: { flags: TRUNCATED_RESPONSE } });
}

export function a(name: string, data: string, ttl = 60): Answer {
  return { type: 'A', name, data, ttl };
}

export function aaaa(name: string, data: string, ttl = 60): Answer {
  return { type: 'AAAA', name, data, ttl };
}

export function cname(name: string, data: string, ttl = 60): Answer {
  return { type: 'CNAME', name, data, ttl };
}
