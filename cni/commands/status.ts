import { openSync } from 'node:fs';
import { type DataPlane, dataPlane } from '../../src/domain/data-plane/data-plane';
import { PRIMARY_INTERFACE, ROUTER_INTERFACE } from '../../src/domain/router/object-names';
import { parentInterface } from '../data-plane/parent-interface';
import { newNetworkNamespace } from '../ffi/libc';
import { createTable } from '../netlink/nftables/table';
import { addMacvlan, type Link } from '../netlink/route/link';
import { NETLINK_NETFILTER, NETLINK_ROUTE, NetlinkSocket } from '../netlink/socket';
import { CniError, CODES, toCniError } from '../protocol/cni-error';
import type { NetworkInvocation } from '../protocol/invocation';

/**
 * Checks whether this node can run the network's routers: its parent interface, macvlan, and nf_tables with all
 * features of a router's table. Each is tried in a temporary namespace.
 *
 * @throws CniError with code 50 and everything that is missing
 */
export function status({ config }: NetworkInvocation): void {
  const plane = dataPlane(config, ROUTER_INTERFACE, PRIMARY_INTERFACE);
  using host = NetlinkSocket.open(NETLINK_ROUTE, 'open a route socket on the node');
  const problems: CniError[] = [];
  const attempt = <T>(trial: () => T): T | undefined => {
    try {
      return trial();
    } catch (error) {
      problems.push(toCniError(error));
      return undefined;
    }
  };
  const parent = attempt(() => parentInterface(host, config));
  attempt(() => {
    newNetworkNamespace();
    // A passthru interface would take the parent from a running router.
    if (parent !== undefined && plane.link.mode !== 'passthru') attempt(() => tryMacvlan(host, plane, parent));
    attempt(() => tryTable(plane));
  });
  if (problems.length === 0) return;
  throw new CniError(
    CODES.NOT_AVAILABLE,
    `this node cannot serve: ${problems[0]!.message}`,
    problems.map(({ message, details }) => (details ? `${message} (${details})` : message)).join('\n'),
  );
}

/** A macvlan that is never up, and so sends no frames. */
function tryMacvlan(host: NetlinkSocket, { link }: DataPlane, parent: Link): void {
  const namespaceFd = openSync('/proc/self/ns/net', 'r');
  host.change(addMacvlan({ ...link, parentIndex: parent.index, namespaceFd }));
}

function tryTable({ table }: DataPlane): void {
  using netfilter = NetlinkSocket.open(NETLINK_NETFILTER, 'open an nf_tables socket');
  netfilter.transaction(createTable(table), `nft add table inet ${table.name}`);
}
