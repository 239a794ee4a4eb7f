import { ENOENT } from '../errno';
import type { Message } from '../message';
import { hasErrno } from '../netlink-error';
import type { NetlinkSocket } from '../socket';
import { Connection, deleteConnection, listConnections } from './connection';

/** A list for each of so many marks; of more, one list of everything is the quicker one. */
const MOST_LISTS = 8;

/** Few enough for one datagram, and for the receive buffer if each were refused. */
const DELETIONS_AT_ONCE = 100;

/**
 * Deletes the connections that the predicate names: the next packet of such a one is the first of another.
 *
 * @param marks those that the connections have; absent: any
 * @returns how many there were
 * @throws NetlinkError
 */
export function deleteConnections(
  socket: NetlinkSocket,
  isWanted: (connection: Connection) => boolean,
  marks?: readonly number[],
): number {
  const lists = marks === undefined || marks.length > MOST_LISTS ? [undefined] : marks;
  const wanted = lists.flatMap((mark) =>
    socket.dumpInto(
      listConnections(mark),
      (): Message[] => [],
      (into, message) => {
        if (isWanted(new Connection(message))) into.push(message);
      },
    ),
  );
  for (let start = 0; start < wanted.length; start += DELETIONS_AT_ONCE) {
    deleteSome(socket, wanted.slice(start, start + DELETIONS_AT_ONCE));
  }
  return wanted.length;
}

/** The kernel goes on after one that has ended by itself. */
function deleteSome(socket: NetlinkSocket, messages: readonly Message[]): void {
  try {
    socket.changes(messages.map(deleteConnection));
  } catch (error) {
    if (!hasErrno(error, ENOENT)) throw error;
  }
}
