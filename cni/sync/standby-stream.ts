import type { Socket } from 'node:net';
import type { ConnectionFeed } from './connection-feed';
import { ANSWER_BYTES, HolderHandshake, type Session } from './handshake';
import { Opener, Sealer } from './sealed-messages';
import type { SyncCounters } from './sync-counters';
import { encodeSyncMessage, readSyncMessage, type SyncMessage } from './sync-message';
import { type RefusalReason, SyncRefusal } from './sync-refusal';
import { BEAT_MS, HANDSHAKE_MS, SILENCE_MS } from './sync-times';

/** Bytes that wait for the standby, beyond which a list pauses. */
const ROOM_BYTES = 256 * 1024;
/** Beyond which the standby reads too slowly: it connects anew, and gets the connections as they are then. */
const MOST_BACKLOG_BYTES = 4 * 1024 * 1024;

export interface StandbyStreamOptions {
  readonly socket: Socket;
  readonly keys: () => readonly Uint8Array[];
  readonly openFeed: () => ConnectionFeed;
  readonly counters: SyncCounters;
  /** Hears that the other side has proved to be the standby. */
  readonly opened: (stream: StandbyStream) => void;
  /** Hears that the stream has ended. @param reason if this side ended it */
  readonly closed: (stream: StandbyStream, reason: RefusalReason | undefined) => void;
  /** Hears what the kernel refused. */
  readonly failed: (error: unknown) => void;
  readonly now: () => number;
}

/** What both sides have after the handshake. */
interface Open {
  readonly session: Session;
  readonly feed: ConnectionFeed;
  readonly sealer: Sealer;
  readonly opener: Opener;
}

/** The holder's side of a connection of the pair's port. */
export class StandbyStream {
  private readonly handshake = new HolderHandshake();
  private answer: Buffer = Buffer.alloc(0);
  private state: Open | undefined;
  private isClosed = false;
  private heardAt: number;
  private beatAt = Number.NEGATIVE_INFINITY;
  public readonly address: string;

  public constructor(private readonly options: StandbyStreamOptions) {
    const { socket } = options;
    this.heardAt = options.now();
    this.address = socket.remoteAddress ?? '';
    socket.setNoDelay(true);
    socket.on('data', (part: Buffer) => this.guarded(() => this.received(part)));
    socket.on('error', () => this.end(undefined));
    socket.on('close', () => this.end(undefined));
    socket.write(this.handshake.greeting);
  }

  /** Whether the other side has proved to be the standby. */
  public get isOpen(): boolean {
    return this.state !== undefined;
  }

  /** The key by which the standby is known. */
  public get pairKey(): Uint8Array | undefined {
    return this.state?.session.pairKey;
  }

  /** Sends what the kernel has said since the last turn. */
  public turn(): void {
    this.guarded(() => {
      const now = this.options.now();
      if (now - this.heardAt > (this.isOpen ? SILENCE_MS : HANDSHAKE_MS)) throw new SyncRefusal('slow');
      if (this.state !== undefined) this.feed(this.state, now);
    });
  }

  /** Ends it. @param reason why, where the peer is refused */
  public end(reason: RefusalReason | undefined): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.state?.feed[Symbol.dispose]();
    this.state = undefined;
    this.options.socket.destroy();
    if (reason !== undefined) this.options.counters.refused[reason] += 1;
    this.options.closed(this, reason);
  }

  private received(part: Buffer): void {
    if (this.isClosed) return;
    if (this.state === undefined) this.answered(part);
    else this.heard(this.state, part);
  }

  private answered(part: Buffer): void {
    this.answer = Buffer.concat([this.answer, part]);
    // Nothing may follow before the holder has proved who it is.
    if (this.answer.length > ANSWER_BYTES) throw new SyncRefusal('forged');
    if (this.answer.length < ANSWER_BYTES) return;
    const { socket, keys, openFeed, opened, now } = this.options;
    const { session, confirmation } = this.handshake.accept(this.answer, keys());
    const { toStandby, toHolder } = session;
    this.state = { session, feed: openFeed(), sealer: new Sealer(toStandby), opener: new Opener(toHolder) };
    this.heardAt = now();
    socket.write(confirmation);
    opened(this);
    this.turn();
  }

  private heard({ opener }: Open, part: Buffer): void {
    for (const message of opener.open(part)) {
      if (readSyncMessage(message).kind !== 'seen') throw new SyncRefusal('malformed');
      this.heardAt = this.options.now();
    }
  }

  private feed({ feed, sealer }: Open, now: number): void {
    const { socket, counters } = this.options;
    const backlog = socket.writableLength;
    if (backlog > MOST_BACKLOG_BYTES) throw new SyncRefusal('slow');
    let isSent = false;
    const send = (message: SyncMessage) => {
      isSent = true;
      socket.write(sealer.seal(encodeSyncMessage(message)));
    };
    const { isDrained, hasLost } = feed.turn(send, backlog < ROOM_BYTES, now);
    if (hasLost) counters.resynchronizations += 1;
    if (!isDrained || (!isSent && now - this.beatAt < BEAT_MS)) return;
    this.beatAt = now;
    send({ kind: 'beat' });
  }

  /** What the peer causes ends its stream; what the kernel refuses, too: the standby connects anew. */
  private guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      const isRefused = error instanceof SyncRefusal;
      this.end(isRefused ? error.reason : undefined);
      if (!isRefused) this.options.failed(error);
    }
  }
}
