import { PAIR_PORT } from '../../src/domain/router/pair';
import type { IpAddress } from '../../src/domain/values/ip-address';
import type { ConnectionTable } from './connection-table';
import { HolderStream } from './holder-stream';
import type { SyncCounters } from './sync-counters';
import type { SyncLog } from './sync-log';
import { SyncRefusal } from './sync-refusal';
import { BEAT_MS, MOST_RETRY_MS, RETRY_MS } from './sync-times';

export interface HolderFollowerOptions {
  readonly keys: () => readonly Uint8Array[];
  readonly table: ConnectionTable;
  readonly counters: SyncCounters;
  readonly log: SyncLog;
  readonly now: () => number;
  /** @default PAIR_PORT */
  readonly port?: number;
}

/** Keeps a stream from the holder: connects anew, with a growing pause, for as long as it exists. */
export class HolderFollower implements Disposable {
  private stream: HolderStream | undefined;
  private pause = RETRY_MS;
  private nextAt = Number.NEGATIVE_INFINITY;
  private lastProblem = '';
  private readonly looks: NodeJS.Timeout;

  public constructor(
    public readonly holder: IpAddress,
    private readonly options: HolderFollowerOptions,
  ) {
    this.looks = setInterval(() => this.look(), BEAT_MS);
    this.look();
  }

  public [Symbol.dispose](): void {
    clearInterval(this.looks);
    this.stream?.[Symbol.dispose]();
  }

  /** When the holder last said that this pod has everything; nothing before that. */
  public get syncedAt(): number | undefined {
    return this.stream?.syncedAt;
  }

  /** Ends a stream by a key that is no longer one of the pair. */
  public keysChanged(): void {
    const pairKey = this.stream?.pairKey;
    const isKnown = (key: Uint8Array) => pairKey === undefined || Buffer.from(key).equals(pairKey);
    if (this.options.keys().some(isKnown)) return;
    this.stream?.[Symbol.dispose]();
    this.stream = undefined;
  }

  private look(): void {
    const { keys, table, now, port = PAIR_PORT } = this.options;
    table.expire(now());
    this.stream?.look();
    if (this.stream !== undefined || now() < this.nextAt || keys().length === 0) return;
    this.stream = new HolderStream({
      ...{ host: this.holder.text, port, keys, table, now },
      synced: () => this.synced(),
      closed: (error) => this.closed(error),
    });
  }

  private synced(): void {
    this.pause = RETRY_MS;
    this.lastProblem = '';
    const { log, table } = this.options;
    log.info('following connections of holder', { holder: this.holder.text, connections: table.size });
  }

  private closed(error: Error): void {
    const { now, log, counters } = this.options;
    this.stream = undefined;
    this.nextAt = now() + this.pause;
    this.pause = Math.min(MOST_RETRY_MS, this.pause * 2);
    if (error instanceof SyncRefusal) counters.refused[error.reason] += 1;
    // Once for each problem: it is tried again until it works.
    if (error.message === this.lastProblem) return;
    this.lastProblem = error.message;
    log.warn('cannot follow connections of holder', { holder: this.holder.text, problem: error.message });
  }
}
