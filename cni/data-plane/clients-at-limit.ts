import type { IpAddress } from '../../src/domain/values/ip-address';
import { PROTOCOL_NUMBERS } from '../../src/domain/values/protocol';
import type { NetlinkSocket } from '../netlink/socket';
import { countAllConnections, countConnections, PROTOCOL_WORDS } from './count-connections';

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
  return atLimit(counts, limit).map(([key, connections]) => {
    const [address, ...service] = key.split(' ');
    return { address: address!, service: service.join(' '), connections };
  });
}

/** A source of connections to the health port that gets no further one. */
export type SourceAtLimit = Pick<ClientAtLimit, 'address' | 'connections'>;

/**
 * The sources that have as many connections to a TCP port of the pod itself as the limit admits, those with the most
 * first.
 *
 * @param own addresses of the pod, whose connections are not limited
 * @throws NetlinkError
 */
export function findSourcesAtLimit(
  socket: NetlinkSocket,
  port: number,
  limit: number,
  own: readonly IpAddress[],
): SourceAtLimit[] {
  const texts = new Set(own.map(({ text }) => text));
  const counts = countAllConnections(socket, (connection, cache) => {
    const isCounted = connection.protocol === PROTOCOL_NUMBERS.TCP && connection.remotePort === port;
    if (!isCounted || connection.isClosed || !texts.has(cache.of(connection.remoteAddress))) return undefined;
    const source = cache.of(connection.clientAddress);
    return texts.has(source) ? undefined : source;
  });
  return atLimit(counts, limit).map(([address, connections]) => ({ address, connections }));
}

function atLimit(counts: ReadonlyMap<string, number>, limit: number): (readonly [key: string, connections: number])[] {
  return [...counts].filter(([, connections]) => connections >= limit).sort(([, one], [, other]) => other - one);
}
