import type { NetlinkSocket } from '../netlink/socket';
import { countConnections, PROTOCOL_WORDS } from './count-connections';

/** A client that gets no further connection to a port of a server. */
export interface ClientAtLimit {
  readonly address: string;
  /** Such as `203.0.113.26 tcp 443`. */
  readonly service: string;
  readonly connections: number;
}

/**
 * The clients that have as many connections to one port of a server as `connectionsPerClient` admits, those with the
 * most first. Connections count as in the kernel: closed ones and pings do not.
 *
 * @throws NetlinkError
 */
export function findClientsAtLimit(socket: NetlinkSocket, limit: number): ClientAtLimit[] {
  const counts = countConnections(socket, (connection, texts) => {
    const protocol = PROTOCOL_WORDS.get(connection.protocol);
    if (protocol === undefined || connection.isClosed) return undefined;
    const server = texts.of(connection.remoteAddress);
    return `${texts.of(connection.clientAddress)} ${server} ${protocol} ${connection.remotePort}`;
  });
  return [...counts]
    .filter(([, connections]) => connections >= limit)
    .sort(([, one], [, other]) => other - one)
    .map(([key, connections]) => {
      const [address, ...service] = key.split(' ');
      return { address: address!, service: service.join(' '), connections };
    });
}
