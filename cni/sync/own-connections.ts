import { deleteConnection } from '../netlink/conntrack/connection';
import { ConnectionList } from '../netlink/conntrack/connection-list';
import type { NetlinkSocket } from '../netlink/socket';
import { isOwn, type OwnAddresses } from './tracked-change';

/** Milliseconds of one slice: the process listens to the holder meanwhile. */
const SLICE_MS = 10;

/**
 * Deletes the connections of a time as holder from the kernel of a pod that stands by: they go on at the other pod, and
 * what is left of them here would stand in the way when they come back.
 *
 * @param goesOn asked before each slice
 * @returns how many it deleted
 * @throws NetlinkError
 */
export async function deleteOwnConnections(
  netfilter: NetlinkSocket,
  own: OwnAddresses,
  goesOn: () => boolean,
): Promise<number> {
  using list = new ConnectionList();
  let deleted = 0;
  let sliceEnd = performance.now() + SLICE_MS;
  for (let part = list.next(); part !== undefined; part = list.next()) {
    const wanted = part.filter((connection) => connection.mark !== 0 && isOwn(connection, own));
    // Those that have ended meanwhile are an outcome, too.
    for (const errno of netfilter.outcomes(wanted.map(deleteConnection))) if (errno === 0) deleted += 1;
    if (performance.now() < sliceEnd) continue;
    await new Promise<void>((resolve) => setImmediate(resolve));
    if (!goesOn()) return deleted;
    sliceEnd = performance.now() + SLICE_MS;
  }
  return deleted;
}
