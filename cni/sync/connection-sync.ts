import type { MarkedRules } from '../../src/domain/data-plane/marked-rules';
import type { NetworkConfig } from '../../src/domain/router/network-config';
import type { IpAddress } from '../../src/domain/values/ip-address';
import { NetlinkError } from '../netlink/netlink-error';
import type { NetlinkSocket } from '../netlink/socket';
import { ConnectionTable } from './connection-table';
import { HolderFollower } from './holder-follower';
import { KernelFeed } from './kernel-feed';
import { deleteOwnConnections } from './own-connections';
import { StreamServer } from './stream-server';
import { SyncCounters } from './sync-counters';
import type { SyncLog } from './sync-log';
import { type InjectResult, Takeover } from './takeover';
import type { OwnAddresses } from './tracked-change';

export interface ConnectionSyncOptions {
  readonly config: NetworkConfig;
  /** Of this pod on the cluster network, at most one of a family. */
  readonly podAddresses: readonly IpAddress[];
  /** A socket of the pod's namespace. */
  readonly netfilter: NetlinkSocket;
  /** The rules in force in this pod. */
  readonly rules: () => MarkedRules;
  readonly log: SyncLog;
}

/** What the sync of a process says of itself. */
export interface SyncFigures extends Readonly<Omit<SyncCounters, 'refused'>> {
  /** Standbys that this holder sends its connections to. */
  readonly standbys: number;
  /** Connections that this standby knows. */
  readonly synced: number;
  /** Connections that this standby had no room for. */
  readonly overflow: number;
  /** Milliseconds since the holder said that this standby knows everything; absent in another role, or before that. */
  readonly lag?: number;
  readonly refused: Readonly<SyncCounters['refused']>;
}

/**
 * The open connections of a pair: the pod that has the address sends them to the standby, which gives them to its own
 * kernel when it takes the address over.
 */
export class ConnectionSync implements Disposable {
  private keys: readonly Uint8Array[] = [];
  private readonly table = new ConnectionTable();
  private readonly counters = new SyncCounters();
  private readonly own: OwnAddresses;
  private readonly takeover: Takeover;
  private follower: HolderFollower | undefined;
  private server: StreamServer | undefined;

  public constructor(private readonly options: ConnectionSyncOptions) {
    const { config, podAddresses, netfilter } = options;
    this.own = { pod: podAddresses, reserved: config.addresses.map(({ cidr }) => cidr.address) };
    this.takeover = new Takeover(netfilter, config, this.own);
  }

  public [Symbol.dispose](): void {
    this.stop();
  }

  /** The keys of the pair, the one that signs first. Streams by another key end. */
  public setKeys(keys: readonly Uint8Array[]): void {
    this.keys = keys;
    this.follower?.keysChanged();
    this.server?.keysChanged();
  }

  /** As standby: keeps what the holder says of its connections, and leaves those of an own time as holder to it. */
  public follow(holder: IpAddress): void {
    if (this.follower?.holder.text === holder.text) return;
    this.stop();
    const { table, counters } = this;
    const { log } = this.options;
    const follower = new HolderFollower(holder, { keys: () => this.keys, table, counters, log, now });
    this.follower = follower;
    void this.deleteOwn(() => this.follower === follower);
  }

  /** As holder: sends the connections of this pod's kernel to the standby that connects. */
  public serve(): void {
    if (this.server !== undefined) return;
    this.stop();
    this.table.clear();
    const { own, counters } = this;
    this.server = new StreamServer({
      addresses: this.own.pod,
      keys: () => this.keys,
      openFeed: () => new KernelFeed(own),
      counters,
      log: this.options.log,
      now,
    });
  }

  /**
   * Before this pod has the address: holds the answers of servers back, for a second from now. Without it some clients'
   * connections are reset: no reason to leave the others behind.
   */
  public hold(): void {
    try {
      this.takeover.hold();
    } catch (error) {
      if (!(error instanceof NetlinkError)) throw error;
      this.options.log.warn('cannot hold answers back', { problem: error.message });
    }
  }

  /**
   * When this pod has the address: gives what it knows to this pod's kernel. It goes on in slices, so that other work
   * of the process is not late.
   */
  public async take(): Promise<InjectResult> {
    const begin = now();
    const { lag } = this.figures();
    this.stop();
    const result = await this.takeover.inject(this.table.drain(), this.options.rules());
    this.counters.injected += result.injected;
    this.counters.lost += result.withoutRule + result.refused + result.existing;
    const milliseconds = Math.round(now() - begin);
    this.options.log.info('took connections over', { ...result, lag, milliseconds });
    return result;
  }

  /** Neither sends nor follows. What is known of the connections stays for a takeover. */
  public stop(): void {
    this.follower?.[Symbol.dispose]();
    this.server?.[Symbol.dispose]();
    this.follower = undefined;
    this.server = undefined;
  }

  private async deleteOwn(goesOn: () => boolean): Promise<void> {
    const { netfilter, log } = this.options;
    try {
      const deleted = await deleteOwnConnections(netfilter, this.own, goesOn);
      if (deleted > 0) log.info('left connections to the holder', { deleted });
    } catch (error) {
      if (!(error instanceof NetlinkError)) throw error;
      log.warn('cannot delete connections of an earlier time as holder', { problem: error.message });
    }
  }

  public figures(): SyncFigures {
    const { injected, lost, resynchronizations, refused } = this.counters;
    const syncedAt = this.follower?.syncedAt;
    return {
      ...{ injected, lost, resynchronizations, refused },
      standbys: this.server?.standbys ?? 0,
      synced: this.table.size,
      overflow: this.table.refused,
      ...(syncedAt === undefined ? {} : { lag: now() - syncedAt }),
    };
  }
}

function now(): number {
  return performance.now();
}
