import type { Connection } from '../netlink/conntrack/connection';
import type { NetlinkSocket } from '../netlink/socket';
import type { AddressTextCache } from './address-text-cache';
import { countConnections, PROTOCOL_WORDS } from './count-connections';
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
  const counts = countConnections(socket, (connection, texts) =>
    leadsTo(connection, destination, texts) ? texts.of(connection.clientAddress) : undefined,
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
    const isSame = PROTOCOL_WORDS.get(connection.protocol) === protocol;
    if (!isSame || String(connection.remotePort) !== destinationPort) return false;
  }
  return texts.of(connection.remoteAddress) === destination;
}
