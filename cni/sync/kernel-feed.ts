import { Connection } from '../netlink/conntrack/connection';
import { ConnectionEvents, EventsLost, isDestroyEvent } from '../netlink/conntrack/connection-events';
import { ConnectionList } from '../netlink/conntrack/connection-list';
import type { Message } from '../netlink/message';
import type { ConnectionFeed, FeedTurn } from './connection-feed';
import { keyAt, MOST_RECORD_BYTES } from './connection-record';
import { MOST_RECORDS_BYTES, type SyncMessage } from './sync-message';
import { type Mention, type OwnAddresses, writeTracked } from './tracked-change';

/** Milliseconds between the begin of two lists: each takes time in which the kernel may lose events again. */
const LIST_MS = 1000;

/** Milliseconds of a turn: the process has other work. */
const TURN_MS = 10;

/** Events between two looks at the clock. */
const EVENTS_AT_ONCE = 64;

/** Connections that change during a list. With more of them the list begins anew. */
const MOST_TOUCHED = 262_144;

/** A list that is being read. */
interface Listing {
  readonly list: ConnectionList;
  /** Those of which an event came meanwhile: the list may be older. */
  readonly touched: Set<string>;
}

/** The connections of this pod's kernel: a list, and events from then on. */
export class KernelFeed implements ConnectionFeed {
  private readonly events: ConnectionEvents;
  private listing: Listing | undefined;
  /** When the next list may begin; nothing if none is needed. */
  private listAt: number | undefined = Number.NEGATIVE_INFINITY;
  private readonly records = Buffer.alloc(MOST_RECORDS_BYTES);
  private end = 0;

  /** @param bytes of events that the kernel keeps; default: those of seconds @throws NetlinkError */
  public constructor(
    private readonly own: OwnAddresses,
    bytes?: number,
  ) {
    this.events = new ConnectionEvents(bytes);
  }

  public [Symbol.dispose](): void {
    this.endList();
    this.events[Symbol.dispose]();
  }

  public turn(send: (message: SyncMessage) => void, hasRoom: boolean, now: number): FeedTurn {
    const deadline = performance.now() + TURN_MS;
    let [isDrained, hasLost] = [false, false];
    try {
      isDrained = this.readEvents(send, deadline);
    } catch (error) {
      if (!(error instanceof EventsLost)) throw error;
      hasLost = true;
      this.listAnew(now + LIST_MS);
    }
    if (this.listAt !== undefined && now >= this.listAt) this.beginList(send);
    if (hasRoom) this.readList(send, deadline, now);
    this.flush(send);
    return { isDrained: isDrained && this.listing === undefined, hasLost };
  }

  /** @returns whether none is left @throws EventsLost */
  private readEvents(send: (message: SyncMessage) => void, deadline: number): boolean {
    do {
      for (let count = 0; count < EVENTS_AT_ONCE; count++) {
        const messages = this.events.take();
        if (messages === undefined) return true;
        for (const message of messages) this.heard(message, send);
      }
    } while (performance.now() < deadline);
    return false;
  }

  private heard(message: Message, send: (message: SyncMessage) => void): void {
    const mention = isDestroyEvent(message) ? 'destroyed' : 'changed';
    const key = this.append(new Connection(message), mention, send);
    if (key !== undefined) this.listing?.touched.add(key);
  }

  private readList(send: (message: SyncMessage) => void, deadline: number, now: number): void {
    const { listing } = this;
    if (listing === undefined) return;
    if (listing.touched.size > MOST_TOUCHED) {
      this.listAnew(now + LIST_MS);
      return;
    }
    do {
      const part = listing.list.next();
      if (part === undefined) {
        this.flush(send);
        send({ kind: 'complete' });
        this.endList();
        return;
      }
      for (const connection of part) this.append(connection, 'listed', send, listing.touched);
    } while (performance.now() < deadline);
  }

  /** @param except connections of which more is known already @returns the key of what was appended */
  private append(
    connection: Connection,
    mention: Mention,
    send: (message: SyncMessage) => void,
    except?: ReadonlySet<string>,
  ): string | undefined {
    if (this.end + MOST_RECORD_BYTES > this.records.length) this.flush(send);
    const end = writeTracked(this.records, this.end, connection, mention, this.own);
    if (end === this.end) return undefined;
    const key = this.listing === undefined ? undefined : keyAt(this.records, this.end);
    if (key === undefined || except?.has(key) !== true) this.end = end;
    return key;
  }

  private flush(send: (message: SyncMessage) => void): void {
    if (this.end === 0) return;
    send({ kind: 'changes', records: this.records.subarray(0, this.end) });
    this.end = 0;
  }

  private beginList(send: (message: SyncMessage) => void): void {
    this.flush(send);
    this.listing = { list: new ConnectionList(), touched: new Set() };
    this.listAt = undefined;
    send({ kind: 'begin' });
  }

  private listAnew(at: number): void {
    this.endList();
    this.listAt = at;
  }

  private endList(): void {
    this.listing?.list[Symbol.dispose]();
    this.listing = undefined;
  }
}
