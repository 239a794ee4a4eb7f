import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { ConnectionFeed } from '../../../cni/sync/connection-feed';
import { MOST_RECORD_BYTES, writeOpen } from '../../../cni/sync/connection-record';
import { ConnectionTable } from '../../../cni/sync/connection-table';
import { StandbyHandshake } from '../../../cni/sync/handshake';
import { HolderFollower } from '../../../cni/sync/holder-follower';
import { StreamServer } from '../../../cni/sync/stream-server';
import { SyncCounters } from '../../../cni/sync/sync-counters';
import type { SyncMessage } from '../../../cni/sync/sync-message';
import { type IpAddress, parseIpAddress } from '../../../src/domain/values/ip-address';
import { eventually } from '../../kernel/support/eventually';
import { freePort } from '../../support/supervised-programs';
import { syncedConnection } from '../../support/synced-connection';

const LOOPBACK = parseIpAddress('127.0.0.1') as IpAddress;
const [KEY, OTHER] = [randomBytes(32), randomBytes(32)];

const until = (assertion: () => void) => eventually(assertion, 10_000);

/** A message that says that a connection is open. */
function open(clientPort: number): SyncMessage {
  const records = Buffer.alloc(MOST_RECORD_BYTES);
  const end = writeOpen(records, 0, syncedConnection(clientPort));
  return { kind: 'changes', records: records.subarray(0, end) };
}

/** The kernel of a holder, as a test says. */
class Kernel {
  public feeds = 0;
  public readonly open = new Set<Feed>();

  public readonly openFeed = (): ConnectionFeed => {
    this.feeds += 1;
    const feed = new Feed(this.open);
    this.open.add(feed);
    return feed;
  };

  public say(...messages: SyncMessage[]): void {
    for (const feed of this.open) feed.waiting.push(...messages);
  }
}

class Feed implements ConnectionFeed {
  public readonly waiting: SyncMessage[] = [{ kind: 'begin' }, open(1), { kind: 'complete' }];

  public constructor(private readonly all: Set<Feed>) {}

  public turn(send: (message: SyncMessage) => void): { isDrained: boolean; hasLost: boolean } {
    for (const message of this.waiting.splice(0)) send(message);
    return { isDrained: true, hasLost: false };
  }

  public [Symbol.dispose](): void {
    this.all.delete(this);
  }
}

class Side {
  public keys: readonly Uint8Array[] = [KEY];
  public readonly counters = new SyncCounters();
  public readonly lines: string[] = [];
  /** Milliseconds that the clock is ahead. */
  public ahead = 0;

  public get refusals(): Record<string, number> {
    return Object.fromEntries(Object.entries(this.counters.refused).filter(([, count]) => count > 0));
  }

  protected get options() {
    const { counters } = this;
    const line = (message: string, { problem = '' } = {}) => this.lines.push(`${message} ${problem}`.trim());
    const log = { info: line, warn: line };
    return { keys: () => this.keys, counters, log, now: () => performance.now() + this.ahead };
  }
}

class Holder extends Side implements Disposable {
  public readonly kernel = new Kernel();
  public readonly server: StreamServer;

  public constructor(public readonly port: number) {
    super();
    this.server = new StreamServer({ addresses: [LOOPBACK], openFeed: this.kernel.openFeed, port, ...this.options });
  }

  /** Does what a standby would do until it is known, and then nothing. */
  public async meet(): Promise<Socket> {
    const socket = await this.connect();
    const [greeting] = (await once(socket, 'data')) as [Buffer];
    socket.write(new StandbyHandshake().answer(greeting, [KEY]));
    await once(socket, 'data');
    return socket;
  }

  public async connect(): Promise<Socket> {
    for (;;) {
      const socket = connect({ host: LOOPBACK.text, port: this.port });
      socket.on('error', () => undefined);
      if (await Promise.race([once(socket, 'connect').then(() => true), once(socket, 'close').then(() => false)]))
        return socket;
    }
  }

  public [Symbol.dispose](): void {
    this.server[Symbol.dispose]();
  }
}

class Standby extends Side implements Disposable {
  public readonly table = new ConnectionTable();
  public readonly follower: HolderFollower;

  public constructor(port: number, keys: readonly Uint8Array[] = [KEY]) {
    super();
    this.keys = keys;
    this.follower = new HolderFollower(LOOPBACK, { table: this.table, port, ...this.options });
  }

  public [Symbol.dispose](): void {
    this.follower[Symbol.dispose]();
  }
}

describe('the stream of connections', () => {
  test('brings a standby all connections, and what becomes of them', async () => {
    using holder = new Holder(await freePort());
    using standby = new Standby(holder.port);
    await until(() => expect(standby.table.size).toBe(1));
    expect(holder.server.standbys).toBe(1);
    holder.kernel.say(open(2), open(3));
    await until(() => expect(standby.table.size).toBe(3));
    expect(standby.follower.syncedAt).toBeDefined();
    holder.kernel.say({ kind: 'begin' }, open(3), { kind: 'complete' });
    await until(() => expect(standby.table.size).toBe(1));
    expect([holder.refusals, standby.refusals]).toEqual([{}, {}]);
    expect(standby.lines).toEqual(['following connections of holder']);
    expect(holder.lines).toEqual(['sending connections to standby']);
  });

  test('reads nothing from the kernel before a standby has proved who it is, and after it has gone', async () => {
    using holder = new Holder(await freePort());
    const socket = await holder.connect();
    await once(socket, 'data');
    expect(holder.kernel.feeds).toBe(0);
    socket.destroy();
    {
      using standby = new Standby(holder.port);
      await until(() => expect(standby.table.size).toBe(1));
      expect(holder.kernel.open.size).toBe(1);
    }
    await until(() => expect(holder.kernel.open.size).toBe(0));
  });

  test('comes again after the holder, or its process, was away, and keeps what was known', async () => {
    const port = await freePort();
    using standby = new Standby(port);
    {
      using holder = new Holder(port);
      await until(() => expect(standby.table.size).toBe(1));
      holder.kernel.say(open(2));
      await until(() => expect(standby.table.size).toBe(2));
    }
    await until(() => expect(standby.follower.syncedAt).toBeUndefined());
    expect(standby.table.size).toBe(2);
    using holder = new Holder(port);
    await until(() => expect(standby.table.size).toBe(1));
    expect(holder.kernel.feeds).toBe(1);
  });

  test('is refused, and counted, by both sides without a common key', async () => {
    using holder = new Holder(await freePort());
    using standby = new Standby(holder.port, [OTHER]);
    await until(() => expect(holder.refusals).toEqual({ forged: expect.any(Number) }));
    await until(() => expect(holder.counters.refused.forged).toBeGreaterThan(1));
    expect(holder.kernel.feeds).toBe(0);
    expect([standby.table.size, standby.follower.syncedAt]).toEqual([0, undefined]);
    // Once, however often it is tried.
    expect(holder.lines).toEqual([
      'cannot send connections to standby the other side does not have a key of this pair',
    ]);
    standby.keys = [OTHER, KEY];
    await until(() => expect(standby.table.size).toBe(1));
  });

  test('begins anew when its key leaves the pair', async () => {
    using holder = new Holder(await freePort());
    using standby = new Standby(holder.port);
    await until(() => expect(standby.table.size).toBe(1));
    holder.keys = [OTHER, KEY];
    holder.server.keysChanged();
    expect(holder.server.standbys).toBe(1);
    standby.keys = [OTHER, KEY];
    standby.follower.keysChanged();
    expect(standby.follower.syncedAt).toBeDefined();
    holder.keys = [OTHER];
    holder.server.keysChanged();
    expect(holder.server.standbys).toBe(0);
    await until(() => expect(holder.server.standbys).toBe(1));
    expect([holder.refusals, standby.refusals]).toEqual([{}, {}]);
  });

  test('waits for keys', async () => {
    using holder = new Holder(await freePort());
    using standby = new Standby(holder.port, []);
    holder.keys = [];
    const socket = await holder.connect();
    await once(socket, 'close');
    [holder.keys, standby.keys] = [[KEY], [KEY]];
    await until(() => expect(standby.table.size).toBe(1));
    expect([holder.refusals, standby.refusals]).toEqual([{}, {}]);
  });

  test('cannot be played again, to either side', async () => {
    using holder = new Holder(await freePort());
    const recorder = new Recorder(holder.port);
    const port = await recorder.listen();
    {
      using standby = new Standby(port);
      await until(() => expect(standby.table.size).toBe(1));
    }
    recorder.close();
    const before = holder.kernel.feeds;
    const socket = await holder.connect();
    socket.write(recorder.fromStandby[0]!);
    await until(() => expect(holder.refusals).toEqual({ forged: 1 }));
    expect(holder.kernel.feeds).toBe(before);

    const replayed = createServer((peer) => {
      peer.on('error', () => undefined);
      peer.write(recorder.fromHolder[0]!);
      peer.once('data', () => peer.write(Buffer.concat(recorder.fromHolder.slice(1))));
    }).listen({ host: LOOPBACK.text, port: 0 });
    await once(replayed, 'listening');
    using standby = new Standby((replayed.address() as AddressInfo).port);
    await until(() => expect(standby.counters.refused.forged).toBeGreaterThan(0));
    expect(standby.table.size).toBe(0);
    replayed.close();
  });

  test('ends when the other side sends more than its part', async () => {
    using holder = new Holder(await freePort());
    const socket = await holder.connect();
    socket.write(randomBytes(10_000));
    await until(() => expect(holder.refusals).toEqual({ forged: 1 }));
    const known = await holder.meet();
    expect(holder.server.standbys).toBe(1);
    known.write(randomBytes(64));
    await until(() => expect(holder.refusals).toEqual({ forged: 2 }));
    expect(holder.server.standbys).toBe(0);
  });

  test('ends when the other side does not prove who it is in time, or falls silent', async () => {
    using holder = new Holder(await freePort());
    const silent = await holder.connect();
    await once(silent, 'data');
    holder.ahead = 2001;
    await until(() => expect(holder.refusals).toEqual({ slow: 1 }));
    await holder.meet();
    await until(() => expect(holder.server.standbys).toBe(1));
    holder.ahead += 3001;
    await until(() => expect(holder.refusals).toEqual({ slow: 2 }));
    expect(holder.server.standbys).toBe(0);
  });

  test('ends when the holder falls silent', async () => {
    const mute = createServer((peer) => peer.on('error', () => undefined)).listen({ host: LOOPBACK.text, port: 0 });
    await once(mute, 'listening');
    using standby = new Standby((mute.address() as AddressInfo).port);
    await once(mute, 'connection');
    standby.ahead = 2001;
    await until(() => expect(standby.refusals).toEqual({ slow: 1 }));
    mute.close();
  });

  test('drops a standby that reads too slowly', async () => {
    using holder = new Holder(await freePort());
    const socket = await holder.meet();
    socket.pause();
    const records = Buffer.concat(
      Array.from({ length: 1000 }, (_, port) => (open(port) as { records: Buffer }).records),
    );
    const flood = setInterval(() => holder.kernel.say(...Array(40).fill({ kind: 'changes', records })), 1);
    await until(() => expect(holder.refusals).toEqual({ slow: 1 }));
    clearInterval(flood);
    expect(holder.kernel.open.size).toBe(0);
    socket.destroy();
  });

  test('has a bounded number of connections that prove nothing, and of standbys', async () => {
    using holder = new Holder(await freePort());
    const idle = [];
    for (let count = 0; count < 12; count += 1) idle.push(await holder.connect());
    await until(() => expect(holder.refusals).toEqual({ excess: 4 }));
    // The standby gets its turn.
    await holder.meet();
    await holder.meet();
    await until(() => expect(holder.server.standbys).toBe(2));
    const before = holder.counters.refused.excess;
    await holder.meet();
    await until(() => expect(holder.counters.refused.excess).toBeGreaterThan(before));
    expect(holder.server.standbys).toBe(2);
    for (const socket of idle) socket.destroy();
  });
});

/** Stands between the pods, and keeps what they say. */
class Recorder {
  public readonly fromHolder: Buffer[] = [];
  public readonly fromStandby: Buffer[] = [];
  private readonly server = createServer((standby) => {
    const holder = connect({ host: LOOPBACK.text, port: this.port });
    for (const [from, to, kept] of [
      [standby, holder, this.fromStandby],
      [holder, standby, this.fromHolder],
    ] as const) {
      from.on('data', (part: Buffer) => {
        kept.push(part);
        to.write(part);
      });
      from.on('error', () => undefined);
      from.on('close', () => to.destroy());
    }
  });

  public constructor(private readonly port: number) {}

  public async listen(): Promise<number> {
    this.server.listen({ host: LOOPBACK.text, port: 0 });
    await once(this.server, 'listening');
    return (this.server.address() as AddressInfo).port;
  }

  public close(): void {
    this.server.close();
  }
}
