import { heldMark } from '../../src/domain/data-plane/held-mark';
import { holdSets } from '../../src/domain/data-plane/hold';
import type { MarkedRules } from '../../src/domain/data-plane/marked-rules';
import { TABLE_NAME } from '../../src/domain/data-plane/router-table';
import type { NetworkConfig } from '../../src/domain/router/network-config';
import type { IpAddress } from '../../src/domain/values/ip-address';
import { PROTOCOL_NUMBERS } from '../../src/domain/values/protocol';
import { EEXIST, errnoName } from '../ffi/errno';
import { createConnection, type TranslatedConnection } from '../netlink/conntrack/create-connection';
import { NetlinkError } from '../netlink/netlink-error';
import { putTimedProtocols } from '../netlink/nftables/timed-elements';
import type { NetlinkSocket } from '../netlink/socket';
import { OpenTimeouts } from './open-timeouts';
import { RuleMarks } from './rule-marks';
import type { SyncedConnection } from './synced-connection';
import type { OwnAddresses } from './tracked-change';

/** What became of the connections that the standby knew. */
export interface InjectResult {
  /** Those that this pod's kernel has now. */
  readonly injected: number;
  /** Those whose client or source port has a connection of this kernel already, which stays. */
  readonly existing: number;
  /** Those that no rule of this pod leads where they lead. */
  readonly withoutRule: number;
  /** Those that the kernel refused. */
  readonly refused: number;
  /** Why it refused the first of them. */
  readonly problem?: string;
}

/** Milliseconds for which the answers of servers wait for the client's first packet. */
const HOLD_MS = 1000;

/** Few enough for one datagram, and for the receive buffer if each is rejected. */
const AT_ONCE = 100;

/** Milliseconds of one slice: the process that takes an address over has to answer meanwhile. */
const SLICE_MS = 10;

/** Gives the connections of the holder before to this pod's kernel. */
export class Takeover {
  private readonly timeouts: OpenTimeouts;

  /** @param netfilter a socket of the pod's namespace */
  public constructor(
    private readonly netfilter: NetlinkSocket,
    private readonly config: NetworkConfig,
    private readonly own: OwnAddresses,
  ) {
    this.timeouts = new OpenTimeouts(config);
  }

  /**
   * Holds the answers of servers back, for a second from now: until the client's first packet shows that its node knows
   * the new pod, or that time is over. The kernel ends it by itself.
   *
   * @throws NetlinkError
   */
  public hold(): void {
    for (const set of holdSets(this.config)) {
      const requests = putTimedProtocols(TABLE_NAME, set, Object.values(PROTOCOL_NUMBERS), HOLD_MS);
      this.netfilter.transaction(requests, 'hold answers back');
    }
  }

  /** The first slice is done when it returns. A kernel that refuses makes no exception of it. */
  public async inject(connections: Iterable<SyncedConnection>, rules: MarkedRules): Promise<InjectResult> {
    const result = { injected: 0, existing: 0, withoutRule: 0, refused: 0, problem: undefined as string | undefined };
    const marks = new RuleMarks(rules);
    let batch: TranslatedConnection[] = [];
    let sliceEnd = performance.now() + SLICE_MS;
    for (const connection of connections) {
      const translated = this.translated(connection, marks);
      if (translated === undefined) result.withoutRule += 1;
      else batch.push(translated);
      if (batch.length < AT_ONCE) continue;
      this.create(batch, result);
      batch = [];
      if (performance.now() < sliceEnd) continue;
      await new Promise<void>((resolve) => setImmediate(resolve));
      sliceEnd = performance.now() + SLICE_MS;
    }
    this.create(batch, result);
    const { problem, ...counts } = result;
    return problem === undefined ? counts : { ...counts, problem };
  }

  private create(batch: readonly TranslatedConnection[], into: Counts): void {
    try {
      for (const errno of this.netfilter.outcomes(batch.map(createConnection))) {
        if (errno === 0) into.injected += 1;
        else if (errno === EEXIST) into.existing += 1;
        else refuse(into, 1, `conntrack -I: ${errnoName(errno)}`);
      }
    } catch (error) {
      if (!(error instanceof NetlinkError)) throw error;
      refuse(into, batch.length, error.message);
    }
  }

  /** As it is here: this pod's address, the mark of its own rule, and the bit that holds answers back. */
  private translated(connection: SyncedConnection, marks: RuleMarks): TranslatedConnection | undefined {
    const { protocol, client, clientPort, calledPort, server, serverPort, sourcePort, state, tags } = connection;
    const mark = marks.of(connection);
    const pod = ofFamily(this.own.pod, client);
    const reserved = ofFamily(this.own.reserved, client);
    if (mark === undefined || pod === undefined || reserved === undefined) return undefined;
    return {
      original: {
        protocol,
        source: client,
        sourcePort: clientPort,
        destination: pod,
        destinationPort: calledPort,
      },
      translated: { protocol, source: reserved, sourcePort, destination: server, destinationPort: serverPort },
      mark: heldMark(mark),
      seconds: this.timeouts.of(connection),
      ...(protocol === PROTOCOL_NUMBERS.TCP ? { tcpState: state } : {}),
      ...(tags === undefined ? {} : { tags }),
    };
  }
}

interface Counts {
  injected: number;
  existing: number;
  refused: number;
  problem: string | undefined;
}

function refuse(into: Counts, count: number, problem: string): void {
  into.refused += count;
  into.problem ??= problem;
}

function ofFamily(addresses: readonly IpAddress[], { length }: Uint8Array): Uint8Array | undefined {
  const found = addresses.find(({ bytes }) => bytes.length === length);
  return found === undefined ? undefined : Uint8Array.from(found.bytes);
}
