import type { IpAddress } from '../../src/domain/values/ip-address';
import { PROTOCOL_NUMBERS } from '../../src/domain/values/protocol';
import { isAnyOf } from '../data-plane/stale-connections';
import type { Connection } from '../netlink/conntrack/connection';
import * as k from '../netlink/conntrack/constants';
import { writeGone, writeOpen } from './connection-record';

/** What makes a connection one of this router's. */
export interface OwnAddresses {
  /** Of the pod on the cluster network: what clients call. */
  readonly pod: readonly IpAddress[];
  /** What servers see. */
  readonly reserved: readonly IpAddress[];
}

const { TCP, UDP, SCTP } = PROTOCOL_NUMBERS;

/** States of TCP in which something can still be said. */
const OPEN_TCP: readonly number[] = [
  k.TCP_CONNTRACK_ESTABLISHED,
  k.TCP_CONNTRACK_FIN_WAIT,
  k.TCP_CONNTRACK_CLOSE_WAIT,
  k.TCP_CONNTRACK_LAST_ACK,
];

/** Where the kernel speaks of a connection: in a list, or in an event of what is, or is no longer. */
export type Mention = 'listed' | 'changed' | 'destroyed';

/** What the standby has to know of a connection: its state while it is open, or that it is not. */
type Standing = number | 'gone' | undefined;

/**
 * Appends what a list or an event of the kernel says that a standby has to know: nothing of others' connections, of
 * those that are not answered yet, and of closed ones.
 *
 * @returns where it ends
 */
export function writeTracked(
  into: Buffer,
  at: number,
  connection: Connection,
  mention: Mention,
  own: OwnAddresses,
): number {
  // What is read first is what most messages are skipped by: each read searches the message.
  if (connection.mark === 0) return at;
  const { protocol } = connection;
  const standing = standingOf(connection, protocol, mention);
  if (standing === undefined || !isOwn(connection, own)) return at;
  const name = {
    protocol,
    client: connection.clientAddress,
    clientPort: connection.clientPort ?? 0,
    calledPort: connection.calledPort ?? 0,
  };
  if (standing === 'gone') return writeGone(into, at, name);
  const { sctp } = connection;
  return writeOpen(into, at, {
    ...name,
    server: connection.remoteAddress,
    serverPort: connection.remotePort ?? 0,
    sourcePort: connection.sourcePort ?? 0,
    state: standing,
    ...(sctp === undefined ? {} : { tags: sctp }),
  });
}

function standingOf(connection: Connection, protocol: number, mention: Mention): Standing {
  switch (protocol) {
    case TCP:
      return standingOfTcp(connection.tcpState, mention);
    case UDP: {
      if (mention === 'destroyed') return 'gone';
      const { status } = connection;
      return (status & k.IPS_SEEN_REPLY) === 0 ? undefined : (status & k.IPS_ASSURED) === 0 ? 0 : 1;
    }
    case SCTP:
      if (mention === 'destroyed') return 'gone';
      return connection.sctp?.state === k.SCTP_CONNTRACK_ESTABLISHED ? k.SCTP_CONNTRACK_ESTABLISHED : undefined;
    default:
      return undefined;
  }
}

/** The kernel remembers a closed connection for minutes. It is gone when it closes. */
function standingOfTcp(state: number | undefined, mention: Mention): Standing {
  if (state === k.TCP_CONNTRACK_TIME_WAIT || state === k.TCP_CONNTRACK_CLOSE) {
    return mention === 'changed' ? 'gone' : undefined;
  }
  if (mention === 'destroyed') return 'gone';
  return state !== undefined && OPEN_TCP.includes(state) ? state : undefined;
}

/** Whether a connection with a mark is of a client of this router: other programs of the pod have marks, too. */
export function isOwn({ calledAddress, sourceAddress }: Connection, { pod, reserved }: OwnAddresses): boolean {
  return isAnyOf(pod, calledAddress) && isAnyOf(reserved, sourceAddress);
}
