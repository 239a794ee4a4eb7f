import { connect, type Socket } from 'node:net';
import { readRecords } from './connection-record';
import type { ConnectionTable } from './connection-table';
import { CONFIRMATION_BYTES, GREETING_BYTES, type Session, StandbyHandshake } from './handshake';
import { Opener, Sealer } from './sealed-messages';
import { encodeSyncMessage, readSyncMessage, type SyncMessage } from './sync-message';
import { SyncRefusal } from './sync-refusal';
import { BEAT_MS, HANDSHAKE_MS, SILENCE_MS } from './sync-times';

export interface HolderStreamOptions {
  readonly host: string;
  readonly port: number;
  readonly keys: () => readonly Uint8Array[];
  readonly table: ConnectionTable;
  /** Hears that all connections are known. */
  readonly synced: () => void;
  /** Hears that the stream has ended, and why. */
  readonly closed: (error: Error) => void;
  readonly now: () => number;
}

type Step =
  | { readonly kind: 'greeting' | 'confirmation' }
  | { readonly kind: 'open'; readonly session: Session; readonly opener: Opener; readonly sealer: Sealer };

/** The standby's side of the stream: keeps the table of connections as the holder says. */
export class HolderStream implements Disposable {
  private readonly handshake = new StandbyHandshake();
  private readonly socket: Socket;
  private step: Step = { kind: 'greeting' };
  private early: Buffer = Buffer.alloc(0);
  private isClosed = false;
  private heardAt: number;
  private seenAt = Number.NEGATIVE_INFINITY;
  private beatAt: number | undefined;

  public constructor(private readonly options: HolderStreamOptions) {
    const { host, port, now } = options;
    this.heardAt = now();
    this.socket = connect({ host, port });
    this.socket.setNoDelay(true);
    this.socket.on('data', (part: Buffer) => this.guarded(() => this.received(part)));
    this.socket.on('error', (error) => this.end(error));
    this.socket.on('close', () => this.end(new Error('the holder closed the connection')));
  }

  public [Symbol.dispose](): void {
    this.isClosed = true;
    this.stop();
  }

  /** Of the pair, by which the holder is known. */
  public get pairKey(): Uint8Array | undefined {
    return this.step.kind === 'open' ? this.step.session.pairKey : undefined;
  }

  /** When the holder last said that everything was sent; nothing before the connections are known. */
  public get syncedAt(): number | undefined {
    return this.beatAt;
  }

  /** Ends a stream that is silent. */
  public look(): void {
    const limit = this.step.kind === 'open' ? SILENCE_MS : HANDSHAKE_MS;
    if (this.options.now() - this.heardAt > limit) this.end(new SyncRefusal('slow'));
  }

  private received(part: Buffer): void {
    if (this.isClosed) return;
    if (this.step.kind === 'open') {
      this.opened(this.step, part);
      return;
    }
    this.early = Buffer.concat([this.early, part]);
    if (this.step.kind === 'greeting') this.greeted();
    if (this.step.kind === 'confirmation') this.confirmed();
  }

  private greeted(): void {
    const greeting = this.taken(GREETING_BYTES);
    if (greeting === undefined) return;
    this.socket.write(this.handshake.answer(greeting, this.options.keys()));
    this.step = { kind: 'confirmation' };
  }

  private confirmed(): void {
    const confirmation = this.taken(CONFIRMATION_BYTES);
    if (confirmation === undefined) return;
    const session = this.handshake.confirm(confirmation);
    const step: Step = {
      kind: 'open',
      session,
      opener: new Opener(session.toStandby),
      sealer: new Sealer(session.toHolder),
    };
    this.step = step;
    this.heardAt = this.options.now();
    this.opened(step, this.early);
  }

  /** The first bytes of those that wait. */
  private taken(bytes: number): Buffer | undefined {
    if (this.early.length < bytes) return undefined;
    const taken = this.early.subarray(0, bytes);
    this.early = this.early.subarray(bytes);
    return taken;
  }

  private opened({ opener, sealer }: Extract<Step, { kind: 'open' }>, part: Buffer): void {
    const now = this.options.now();
    for (const bytes of opener.open(part)) {
      this.apply(readSyncMessage(bytes), now);
      this.heardAt = now;
    }
    if (now - this.seenAt < BEAT_MS) return;
    this.seenAt = now;
    this.socket.write(sealer.seal(encodeSyncMessage({ kind: 'seen' })));
  }

  private apply(message: SyncMessage, now: number): void {
    const { table, synced } = this.options;
    switch (message.kind) {
      case 'begin':
        table.begin();
        break;
      case 'changes':
        for (const change of readRecords(message.records)) table.change(change);
        break;
      case 'complete':
        table.complete();
        break;
      case 'beat':
        table.heard(now);
        if (this.beatAt === undefined) synced();
        this.beatAt = now;
        break;
      case 'seen':
        throw new SyncRefusal('malformed');
    }
  }

  private guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof SyncRefusal)) throw error;
      this.end(error);
    }
  }

  private end(error: Error): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.stop();
    this.options.closed(error);
  }

  private stop(): void {
    this.socket.destroy();
    // A list that does not end must not take the place of what is known.
    this.options.table.interrupt();
  }
}
