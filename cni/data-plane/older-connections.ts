import type { MarkedRules } from '../../src/domain/data-plane/marked-rules';
import type { IpAddress } from '../../src/domain/values/ip-address';
import { EINVAL } from '../ffi/errno';
import { Connection, deleteConnections, listConnections } from '../netlink/conntrack/connection';
import { hasErrno } from '../netlink/netlink-error';
import { readSetting } from './kernel-setting';
import type { Pod } from './pod';
import { isAnyOf, type Reception, StaleConnections } from './stale-connections';

/*
 * Connections that outlive what decided them. The kernel keeps NAT of a connection as long as packets are sent, also
 * over DEL and ADD, and gives none to a connection that it tracked before the table existed.
 */

/**
 * Deletes the connections that the rules would lead elsewhere: their next packets start new ones. For ADD, after the
 * table exists and before the pod forwards.
 *
 * @throws NetlinkError
 */
export function deleteOlderConnections(pod: Pod, findStale: () => StaleConnections): void {
  if (!hasConnections(pod)) return;
  const stale = findStale();
  deleteConnections(pod.netfilter, (connection) => stale.includes(connection));
}

/**
 * Deletes all connections from or to addresses that the pod no longer has. For DEL, which must succeed where the kernel
 * cannot list connections: ADD deletes them, too.
 *
 * @throws NetlinkError
 */
export function deleteConnectionsOfAddresses(pod: Pod, addresses: readonly IpAddress[]): void {
  if (addresses.length === 0 || !hasConnections(pod)) return;
  try {
    deleteConnections(
      pod.netfilter,
      ({ sourceAddress, calledAddress }) => isAnyOf(addresses, sourceAddress) || isAnyOf(addresses, calledAddress),
    );
  } catch (error) {
    if (!hasErrno(error, EINVAL)) throw error;
  }
}

/** The clients' connections that these rules would lead elsewhere. @throws NetlinkError */
export function countStaleConnections(pod: Pod, rules: MarkedRules, readReception: () => Reception): number {
  if (!hasConnections(pod)) return 0;
  const stale = new StaleConnections(rules, readReception());
  return pod.netfilter.dumpInto(
    listConnections(),
    () => ({ count: 0 }),
    (into, message) => {
      if (stale.includes(new Connection(message))) into.count++;
    },
  ).count;
}

/** Listing takes milliseconds even for an empty namespace, and most pods have no connections at ADD. */
function hasConnections({ namespace }: Pod): boolean {
  return namespace.run(() => readSetting('net/netfilter/nf_conntrack_count')) !== '0';
}
