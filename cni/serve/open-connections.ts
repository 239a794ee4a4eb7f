/** A connection of the health port, as far as its bounds need it. */
export interface OpenConnection {
  /** Of the client; absent if it is gone already. */
  readonly remoteAddress?: string;
  destroy(): unknown;
}

/** Milliseconds for the head of a request. */
const REQUEST_MS = 2000;

/** Milliseconds for a whole connection: it has one request. A slow reader keeps the text of the metrics in memory. */
const LIFE_MS = 5000;

interface Entry {
  readonly address: string | undefined;
  readonly since: number;
  hasAsked: boolean;
}

/**
 * The open connections of the health port, bounded in number and time: any pod may connect to it, and descriptors and
 * memory are the router's.
 *
 * Beyond the bound, the client address with the most connections loses its oldest one. So another client cannot cut off
 * the kubelet, which has one at a time.
 */
export class OpenConnections {
  /** From the oldest to the newest. */
  private readonly entries = new Map<OpenConnection, Entry>();

  /** @param most connections at a time, at least 1 */
  public constructor(private readonly most: number) {}

  public get count(): number {
    return this.entries.size;
  }

  /** @param now milliseconds of a monotonic clock */
  public add(connection: OpenConnection, now: number): void {
    this.entries.set(connection, { address: connection.remoteAddress, since: now, hasAsked: false });
    if (this.entries.size > this.most) this.close(this.excess());
  }

  /** A request of the connection is complete. */
  public asked(connection: OpenConnection): void {
    const entry = this.entries.get(connection);
    if (entry !== undefined) entry.hasAsked = true;
  }

  public remove(connection: OpenConnection): void {
    this.entries.delete(connection);
  }

  /** Closes connections without a request in time, and those that are not read. */
  public closeOld(now: number): void {
    for (const [connection, { since, hasAsked }] of this.entries) {
      if (now - since >= (hasAsked ? LIFE_MS : REQUEST_MS)) this.close(connection);
    }
  }

  private close(connection: OpenConnection): void {
    this.entries.delete(connection);
    connection.destroy();
  }

  private excess(): OpenConnection {
    const counts = new Map<string | undefined, number>();
    for (const { address } of this.entries.values()) counts.set(address, (counts.get(address) ?? 0) + 1);
    const highest = Math.max(...counts.values());
    const [oldest] = [...this.entries].find(([, { address }]) => counts.get(address) === highest)!;
    return oldest;
  }
}
