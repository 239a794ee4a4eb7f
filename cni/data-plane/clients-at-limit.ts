import { PROTOCOL_NUMBERS } from '../../src/domain/values/protocol';
import { Connection, listConnections } from '../netlink/conntrack/connection';
import type { NetlinkSocket } from '../netlink/socket';
import { AddressTextCache } from './address-text-cache';

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
  const texts = new AddressTextCache();
  const counts = socket.dumpInto(
    listConnections(),
    () => new Map<string, number>(),
    (into, message) => {
      const connection = new Connection(message);
      const protocol = PROTOCOL_WORDS.get(connection.protocol);
      if (connection.mark === 0 || protocol === undefined || connection.isClosed) return;
      const server = texts.of(connection.remoteAddress);
      const key = `${texts.of(connection.clientAddress)} ${server} ${protocol} ${connection.remotePort}`;
      into.set(key, (into.get(key) ?? 0) + 1);
    },
  );
  return [...counts]
    .filter(([, connections]) => connections >= limit)
    .sort(([, one], [, other]) => other - one)
    .map(([key, connections]) => {
      const [address, ...service] = key.split(' ');
      return { address: address!, service: service.join(' '), connections };
    });
}

const PROTOCOL_WORDS = new Map(
  Object.entries(PROTOCOL_NUMBERS).map(([name, number]) => [number, name.toLowerCase()] as const),
);
