import { PROTOCOL_NUMBERS } from '../../src/domain/values/protocol';
import { Connection, listConnections } from '../netlink/conntrack/connection';
import type { NetlinkSocket } from '../netlink/socket';
import { AddressTextCache } from './address-text-cache';
import { ANY_PORT, type Destination } from './source-ports';

export interface BusiestClient {
  readonly address: string;
  readonly connections: number;
}

/**
 * The client with the most connections to a destination; undefined if there are none. A closed TCP connection counts
 * for as long as it holds a source port.
 *
 * @throws NetlinkError
 */
export function findBusiestClient(socket: NetlinkSocket, destination: Destination): BusiestClient | undefined {
  const texts = new AddressTextCache();
  const counts = socket.dumpInto(
    listConnections(),
    () => new Map<string, number>(),
    (into, message) => {
      const connection = new Connection(message);
      if (connection.mark === 0 || !leadsTo(connection, destination, texts)) return;
      const client = texts.of(connection.clientAddress);
      into.set(client, (into.get(client) ?? 0) + 1);
    },
  );
  const [busiest] = [...counts].sort(([, one], [, other]) => other - one);
  return busiest === undefined ? undefined : { address: busiest[0], connections: busiest[1] };
}

function leadsTo(
  connection: Connection,
  { protocol, destination, destinationPort }: Destination,
  texts: AddressTextCache,
): boolean {
  if (protocol !== ANY_PORT.protocol) {
    const number = Object.entries(PROTOCOL_NUMBERS).find(([name]) => name.toLowerCase() === protocol)?.[1];
    if (connection.protocol !== number || String(connection.remotePort) !== destinationPort) return false;
  }
  return texts.of(connection.remoteAddress) === destination;
}
