import { ENOENT } from '../errno';
import type { Message } from '../message';
import { hasErrno } from '../netlink-error';
import type { NetlinkSocket } from '../socket';
import { Connection, deleteConnection, listConnections } from './connection';

/** Few enough for one datagram, and for the receive buffer if each were refused. */
const DELETIONS_AT_ONCE = 100;

/**
 * Deletes the connections that the predicate names: the next packet of such a one is the first of another.
 *
 * Listing takes some ten milliseconds however few there are: the kernel goes through the table of the whole node, and locks each
 * of its places.
 *
 * @throws NetlinkError
 */
export function deleteConnections(socket: NetlinkSocket, isWanted: (connection: Connection) => boolean): void {
  const wanted = socket.dumpInto(
    listConnections(),
    (): Message[] => [],
    (into, message) => {
      if (isWanted(new Connection(message))) into.push(message);
    },
  );
  for (let start = 0; start < wanted.length; start += DELETIONS_AT_ONCE) {
    deleteSome(socket, wanted.slice(start, start + DELETIONS_AT_ONCE));
  }
}

/** The kernel goes on after one that has ended by itself. */
function deleteSome(socket: NetlinkSocket, messages: readonly Message[]): void {
  try {
    socket.changes(messages.map(deleteConnection));
  } catch (error) {
    if (!hasErrno(error, ENOENT)) throw error;
  }
}
