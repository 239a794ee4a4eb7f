import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { Namespace } from './lab/namespace';
import { eventually } from './support/eventually';
import { type MadeConnection, makeConnections, removeConnections } from './support/made-connections';
import { BUN } from './support/packet-lan';
import { describeOnKernel } from './support/requires';

const DRIVER = join(__dirname, 'support/feed-driver.ts');

const POD = { ipv4: '10.244.0.5', ipv6: 'fd00:10:244::5' };
const RESERVED = { ipv4: '192.168.12.99', ipv6: '2001:db8:12::99' };

/** A connection of the router. */
function connection(clientPort: number, more: Partial<MadeConnection> = {}): MadeConnection {
  return {
    client: '10.244.1.7',
    clientPort,
    called: POD.ipv4,
    calledPort: 8080,
    reserved: RESERVED.ipv4,
    server: '203.0.113.26',
    serverPort: 80,
    ...more,
  };
}

const IPV6 = { client: 'fd00::7', called: POD.ipv6, reserved: RESERVED.ipv6, server: '2001:db8:113::26' };

interface Turn {
  readonly hasLost: boolean;
  readonly said: readonly string[];
}

/** A feed in a namespace, with a clock that the test moves. */
class Feed {
  private text = '';
  private answered = 0;

  private constructor(private readonly child: ChildProcess) {
    child.stdout!.setEncoding('utf8').on('data', (part: string) => {
      this.text += part;
    });
  }

  /** @param bytes of events that the kernel keeps */
  public static async start(namespace: Namespace, bytes: number): Promise<Feed> {
    const words = [`${POD.ipv4},${POD.ipv6}`, `${RESERVED.ipv4},${RESERVED.ipv6}`, String(bytes)];
    const feed = new Feed(namespace.start([BUN, DRIVER, ...words], { stdio: ['pipe', 'pipe', 'inherit'] }));
    await feed.answer();
    return feed;
  }

  public async turn(now: number): Promise<Turn> {
    this.child.stdin!.write(`${now}\n`);
    return (await this.answer()) as Turn;
  }

  /** All that is said up to the end of a list. */
  public async list(now: number): Promise<string[]> {
    const said: string[] = [];
    while (!said.includes('complete')) said.push(...(await this.turn(now)).said);
    return said;
  }

  private answer(): Promise<unknown> {
    const index = this.answered++;
    return eventually(() => {
      const lines = this.text.split('\n');
      expect(lines.length).toBeGreaterThan(index + 1);
      return JSON.parse(lines[index]!);
    });
  }
}

/** Client's ports of what is open after all that was said. */
function openAfter(said: readonly string[]): number[] {
  const open = new Set<number>();
  for (const line of said) {
    const [what, port] = line.split(' ');
    if (what === 'begin') open.clear();
    else if (what === 'open') open.add(Number(port));
    else open.delete(Number(port));
  }
  return [...open].sort((one, other) => one - other);
}

const ports = (from: number, count: number) => Array.from({ length: count }, (_, index) => from + index);

describeOnKernel('the feed of a holder', ['ip', 'conntrack', BUN], () => {
  let namespace: Namespace;

  beforeEach(() => {
    namespace = Namespace.create(`feed-${process.pid}`);
    // As ADD sets it for a pair: also of connections that began when nothing listened.
    namespace.set({ 'netfilter/nf_conntrack_events': '1' });
  });

  afterEach(() => namespace[Symbol.dispose]());

  test('says which connections are open, and what becomes of them', async () => {
    makeConnections(namespace, [connection(1), connection(2, IPV6), connection(3, { protocol: 'udp' })]);
    const feed = await Feed.start(namespace, 1_000_000);
    const listed = await feed.list(0);
    expect([listed[0], listed.at(-1)]).toEqual(['begin', 'complete']);
    expect(listed.slice(1, -1).sort()).toEqual(['open 1', 'open 2', 'open 3']);
    expect(await feed.turn(1)).toEqual({ hasLost: false, said: [] });
    removeConnections(namespace, 'fd00::7');
    expect((await feed.turn(2)).said).toEqual(['gone 2']);
    namespace.run('conntrack', '-U', '-p', 'tcp', '-s', '10.244.1.7', '--state', 'TIME_WAIT');
    expect((await feed.turn(3)).said).toEqual(['gone 1']);
    // It has been said.
    namespace.run('conntrack', '-D', '-p', 'tcp');
    expect((await feed.turn(4)).said).toEqual([]);
  });

  test('does not speak of connections that are not those of clients through the router, or closed', async () => {
    makeConnections(namespace, [
      connection(1, { mark: 0 }),
      connection(2, { called: '10.244.0.6' }),
      connection(3, { reserved: '192.168.12.98' }),
      connection(4, { state: 'SYN_SENT', status: 'SEEN_REPLY' }),
      connection(5, { state: 'TIME_WAIT' }),
      connection(6, { state: 'CLOSE' }),
      connection(7, { protocol: 'udp', status: 'ASSURED' }),
      connection(8, { state: 'FIN_WAIT' }),
      connection(9, { protocol: 'sctp', calledPort: 80 }),
      connection(10, { protocol: 'sctp', calledPort: 80, state: 'CLOSED' }),
    ]);
    const feed = await Feed.start(namespace, 1_000_000);
    const listed = await feed.list(0);
    expect(listed.slice(1, -1).sort()).toEqual(['open 8', 'open 9']);
    namespace.run('conntrack', '-F');
    const { said } = await feed.turn(1);
    expect(said).toEqual(expect.arrayContaining(['gone 8', 'gone 9']));
    for (const port of [1, 2, 3, 5, 6]) expect(said).not.toContain(`gone ${port}`);
  });

  test('begins anew when the kernel has lost events, after a second', async () => {
    makeConnections(namespace, [connection(1), connection(2)]);
    const feed = await Feed.start(namespace, 4096);
    await feed.list(0);
    const many = { client: '10.244.1.8' };
    makeConnections(
      namespace,
      ports(1000, 2000).map((port) => connection(port, many)),
    );
    removeConnections(namespace, many.client);
    makeConnections(namespace, [connection(3)]);
    const { hasLost } = await feed.turn(5000);
    expect(hasLost).toBe(true);
    expect(await feed.turn(5999)).toMatchObject({ hasLost: false, said: expect.not.arrayContaining(['begin']) });
    const listed = await feed.list(6000);
    expect(listed).toContain('begin');
    expect(openAfter(listed)).toEqual([1, 2, 3]);
    expect(await feed.turn(9000)).toEqual({ hasLost: false, said: [] });
  });

  test('is right about connections that come and go during a list', async () => {
    const client = (index: number) => `10.1.0.${index}`;
    const ofClient = (index: number) =>
      ports(1000 + index * 200, 200).map((port) => connection(port, { client: client(index) }));
    makeConnections(namespace, ports(0, 100).flatMap(ofClient));
    const feed = await Feed.start(namespace, 50_000_000);
    const said: string[] = [];
    for (let index = 0; !said.includes('complete'); index += 1) {
      said.push(...(await feed.turn(0)).said);
      if (index >= 50) continue;
      removeConnections(namespace, client(index));
      removeConnections(namespace, client(99 - index));
    }
    said.push(...(await feed.turn(1)).said);
    const listed = namespace
      .run('conntrack', '-L', '-p', 'tcp')
      .split('\n')
      .flatMap((line) => Number(/ sport=(\d+)/.exec(line)?.[1] ?? 0) || []);
    expect(openAfter(said)).toEqual(listed.sort((one, other) => one - other));
    expect(listed.length).toBeGreaterThan(0);
  });
});
