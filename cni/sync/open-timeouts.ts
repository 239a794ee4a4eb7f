import { connectionSettings } from '../../src/domain/data-plane/connection-settings';
import type { NetworkConfig } from '../../src/domain/router/network-config';
import { PROTOCOL_NUMBERS } from '../../src/domain/values/protocol';
import * as k from '../netlink/conntrack/constants';
import type { SyncedConnection } from './synced-connection';

/** Seconds where the router does not set a time: nothing passes that needs one. */
const DEFAULT_SECONDS = 120;

const OF_TCP: ReadonlyMap<number, string> = new Map([
  [k.TCP_CONNTRACK_ESTABLISHED, 'tcp_timeout_established'],
  [k.TCP_CONNTRACK_FIN_WAIT, 'tcp_timeout_fin_wait'],
  [k.TCP_CONNTRACK_CLOSE_WAIT, 'tcp_timeout_close_wait'],
  [k.TCP_CONNTRACK_LAST_ACK, 'tcp_timeout_last_ack'],
]);

/**
 * The time after which the kernel forgets a connection of its state. A connection gets all of it at a takeover: the
 * kernel does not say which packets have begun it anew since the last event.
 */
export class OpenTimeouts {
  private readonly seconds: ReadonlyMap<string, number>;

  public constructor(config: NetworkConfig) {
    this.seconds = new Map(
      connectionSettings(config).map(({ path, value }) => [path.replace(/^.*\/nf_conntrack_/, ''), Number(value)]),
    );
  }

  public of(connection: Pick<SyncedConnection, 'protocol' | 'state'>): number {
    const name = settingOf(connection);
    return (name === undefined ? undefined : this.seconds.get(name)) ?? DEFAULT_SECONDS;
  }
}

function settingOf({ protocol, state }: Pick<SyncedConnection, 'protocol' | 'state'>): string | undefined {
  switch (protocol) {
    case PROTOCOL_NUMBERS.TCP:
      return OF_TCP.get(state);
    case PROTOCOL_NUMBERS.UDP:
      return state === 1 ? 'udp_timeout_stream' : 'udp_timeout';
    case PROTOCOL_NUMBERS.SCTP:
      return 'sctp_timeout_established';
    default:
      return undefined;
  }
}
