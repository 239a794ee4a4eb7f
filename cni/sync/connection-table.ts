import { type ConnectionChange, connectionOf } from './connection-record';
import type { SyncedConnection } from './synced-connection';

/** Entries, about 40 MB of them: as many connections as the kernel of a node tracks by default. */
export const MOST_CONNECTIONS = 262_144;

/** Milliseconds after which a connection that the holder no longer says is forgotten. */
const KEEP_MS = 600_000;

/** What a standby knows of the holder's connections. */
export class ConnectionTable {
  private entries = new Map<string, string>();
  /** Those that a list has named so far, while it comes. */
  private listed: Map<string, string> | undefined;
  private heardAt = Number.NEGATIVE_INFINITY;
  /** Connections for which it had no room. */
  public refused = 0;

  public constructor(private readonly most = MOST_CONNECTIONS) {}

  public get size(): number {
    return this.entries.size;
  }

  /** Whether it is all that the holder has, and not a part of a list. */
  public get isListing(): boolean {
    return this.listed !== undefined;
  }

  /** The holder lists its connections: until it is done, those from before count, too. */
  public begin(): void {
    this.listed = new Map();
  }

  public change({ key, value }: ConnectionChange): void {
    for (const map of this.listed === undefined ? [this.entries] : [this.entries, this.listed]) {
      if (value === undefined) map.delete(key);
      else if (map.size < this.most || map.has(key)) map.set(key, value);
      else if (map === this.entries) this.refused += 1;
    }
  }

  /** The list is complete: what it did not name is gone. */
  public complete(): void {
    if (this.listed === undefined) return;
    this.entries = this.listed;
    this.listed = undefined;
  }

  /** The list ends before it is complete. */
  public interrupt(): void {
    this.listed = undefined;
  }

  /** The holder is heard: what it does not say has not changed. */
  public heard(now: number): void {
    this.heardAt = now;
  }

  /** Forgets all if the holder was not heard for long: the ports of most connections belong to others then. */
  public expire(now: number): void {
    if (now - this.heardAt > KEEP_MS) this.clear();
  }

  public clear(): void {
    this.entries = new Map();
    this.listed = undefined;
  }

  /** All connections, and an empty table after that. */
  public *drain(): Generator<SyncedConnection> {
    const entries = this.entries;
    this.clear();
    for (const [key, value] of entries) yield connectionOf(key, value);
  }
}
