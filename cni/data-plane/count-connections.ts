import { PROTOCOL_NUMBERS } from '../../src/domain/values/protocol';
import { Connection, listConnections } from '../netlink/conntrack/connection';
import type { NetlinkSocket } from '../netlink/socket';
import { AddressTextCache } from './address-text-cache';

/** The protocols of rules by their numbers: `tcp`, `udp` or `sctp`. */
export const PROTOCOL_WORDS: ReadonlyMap<number, string> = new Map(
  Object.entries(PROTOCOL_NUMBERS).map(([name, number]) => [number, name.toLowerCase()] as const),
);

/** Under what a connection counts; undefined: it does not. */
type KeyOf = (connection: Connection, texts: AddressTextCache) => string | undefined;

/** Counts connections with the mark of a rule. @throws NetlinkError */
export function countConnections(socket: NetlinkSocket, keyOf: KeyOf): Map<string, number> {
  return countAllConnections(socket, (connection, texts) =>
    connection.mark === 0 ? undefined : keyOf(connection, texts),
  );
}

/** Counts connections, also those of no rule. @throws NetlinkError */
export function countAllConnections(socket: NetlinkSocket, keyOf: KeyOf): Map<string, number> {
  const texts = new AddressTextCache();
  return socket.dumpInto(
    listConnections(),
    () => new Map<string, number>(),
    (counts, message) => {
      const connection = new Connection(message);
      const key = keyOf(connection, texts);
      if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1);
    },
  );
}
