import { createServer, type Server, type Socket } from 'node:net';
import { PAIR_PORT } from '../../src/domain/router/pair';
import type { IpAddress } from '../../src/domain/values/ip-address';
import type { ConnectionFeed } from './connection-feed';
import { StandbyStream } from './standby-stream';
import type { SyncCounters } from './sync-counters';
import type { SyncLog } from './sync-log';
import { type RefusalReason, SyncRefusal } from './sync-refusal';
import { TURN_MS } from './sync-times';

/** Connections that have not proved anything yet. */
const MOST_PENDING = 8;
/** Standbys: the one, and the one that takes its place while this pod does not know that the first has gone. */
const MOST_STANDBYS = 2;
/** Milliseconds between two attempts to listen. */
const LISTEN_MS = 1000;

export interface StreamServerOptions {
  /** Of the pod on the cluster network. */
  readonly addresses: readonly IpAddress[];
  readonly keys: () => readonly Uint8Array[];
  readonly openFeed: () => ConnectionFeed;
  readonly counters: SyncCounters;
  readonly log: SyncLog;
  readonly now: () => number;
  /** @default PAIR_PORT */
  readonly port?: number;
}

/** The holder's side: sends its connections to the standbys that connect. Without one, nothing runs. */
export class StreamServer implements Disposable {
  private readonly servers: Server[];
  private readonly streams = new Set<StandbyStream>();
  private readonly retries = new Set<NodeJS.Timeout>();
  private turns: NodeJS.Timeout | undefined;
  private lastProblem = '';
  private isClosed = false;

  public constructor(private readonly options: StreamServerOptions) {
    this.servers = options.addresses.map((address) => this.listen(address));
  }

  public [Symbol.dispose](): void {
    this.isClosed = true;
    clearInterval(this.turns);
    for (const retry of this.retries) clearTimeout(retry);
    for (const server of this.servers) server.close();
    for (const stream of this.streams) stream.end(undefined);
  }

  /** Standbys that have proved who they are. */
  public get standbys(): number {
    return [...this.streams].filter(({ isOpen }) => isOpen).length;
  }

  /** Ends the streams of keys that are no longer those of the pair: a standby that has a new one connects anew. */
  public keysChanged(): void {
    const keys = this.options.keys();
    for (const stream of this.streams) {
      const { pairKey } = stream;
      if (pairKey !== undefined && !keys.some((key) => Buffer.from(key).equals(pairKey))) stream.end(undefined);
    }
  }

  private listen(address: IpAddress): Server {
    const { port = PAIR_PORT } = this.options;
    const server = createServer((socket) => this.accept(socket));
    const start = () => server.listen({ host: address.text, port, ipv6Only: address.family === 6 });
    server.on('error', (error) => {
      this.failed(error);
      if (this.isClosed) return;
      const retry = setTimeout(() => {
        this.retries.delete(retry);
        start();
      }, LISTEN_MS);
      this.retries.add(retry);
    });
    start();
    return server;
  }

  private accept(socket: Socket): void {
    const { keys, openFeed, counters, now } = this.options;
    if (keys().length === 0) {
      // Not known yet: the standby tries again.
      socket.destroy();
      return;
    }
    const stream = new StandbyStream({
      ...{ socket, keys, openFeed, counters, now },
      opened: (opened) => this.opened(opened),
      closed: (closed, reason) => this.closed(closed, reason),
      failed: (error) => this.failed(error),
    });
    this.streams.add(stream);
    this.turns ??= setInterval(() => this.turn(), TURN_MS);
    this.bound();
  }

  private turn(): void {
    for (const stream of this.streams) stream.turn();
  }

  /** Of what has proved nothing, the address with the most connections loses its oldest: another one gets its turn. */
  private bound(): void {
    const pending = [...this.streams].filter(({ isOpen }) => !isOpen);
    if (pending.length <= MOST_PENDING) return;
    const counts = new Map<string, number>();
    for (const { address } of pending) counts.set(address, (counts.get(address) ?? 0) + 1);
    const most = Math.max(...counts.values());
    pending.find(({ address }) => counts.get(address) === most)?.end('excess');
  }

  private opened(stream: StandbyStream): void {
    this.lastProblem = '';
    this.options.log.info('sending connections to standby', { standby: stream.address });
    const open = [...this.streams].filter(({ isOpen }) => isOpen);
    if (open.length > MOST_STANDBYS) open.find((each) => each !== stream)?.end('excess');
  }

  private closed(stream: StandbyStream, reason: RefusalReason | undefined): void {
    this.streams.delete(stream);
    if (this.streams.size === 0) {
      clearInterval(this.turns);
      this.turns = undefined;
    }
    if (reason !== undefined) this.warn(new SyncRefusal(reason).message, stream.address);
  }

  private failed(error: unknown): void {
    this.warn((error as Error).message, undefined);
  }

  /** Once for each problem: what is tried again may fail for ever. */
  private warn(problem: string, from: string | undefined): void {
    if (problem === this.lastProblem) return;
    this.lastProblem = problem;
    this.options.log.warn('cannot send connections to standby', { problem, ...(from === undefined ? {} : { from }) });
  }
}
