import { ROUTE_PROTOCOL, type Sysctl } from '../../src/domain/data-plane/data-plane';
import { TABLE_NAME, tableComment } from '../../src/domain/data-plane/router-table';
import { ENODEV, ENOENT, ESRCH } from '../ffi/errno';
import type { Request } from '../netlink/message';
import { hasErrno } from '../netlink/netlink-error';
import { deleteTable, readTableComment } from '../netlink/nftables/table';
import { deleteLink, findLink } from '../netlink/route/link';
import { deletePolicyRule, listPolicyRules } from '../netlink/route/policy-rule';
import { deleteRoute, listRoutes } from '../netlink/route/route';
import { writeSetting } from './kernel-setting';
import type { Pod } from './pod';

/**
 * Takes from a pod whatever ADD made, however far it came. The table goes last, because it says whose the rest is: it is
 * the first thing that ADD makes. Every step is tried; what is gone already counts as done.
 *
 * @param previous settings of the whole namespace before ADD; absent without a record of it
 * @returns what could not be done
 */
export function removeDataPlane(pod: Pod, ifname: string, previous: readonly Sysctl[] | undefined): unknown[] {
  const failures: unknown[] = [];
  const attempt = <T>(step: () => T): T | undefined => {
    try {
      return step();
    } catch (error) {
      failures.push(error);
      return undefined;
    }
  };
  const comment = attempt(() => readTableComment(pod.netfilter, TABLE_NAME));
  const isOurs = comment === tableComment(ifname);
  // Somebody may have flushed the table of a router that is otherwise there: the record knows of it.
  if (!isOurs && (comment !== undefined || previous === undefined)) return failures;
  attempt(() => removeLink(pod, ifname));
  for (const family of [4, 6] as const) {
    attempt(() => removeRules(pod, family));
    attempt(() => removeRoutes(pod, family));
  }
  // From the last to the first: the namespace's forwarding changes that of its interfaces.
  attempt(() => pod.namespace.run(() => [...(previous ?? [])].reverse().forEach(writeSetting)));
  if (isOurs) attempt(() => pod.netfilter.transaction(deleteTable(TABLE_NAME), `nft delete table inet ${TABLE_NAME}`));
  return failures;
}

/** A macvlan is what ADD makes; anything else of that name belongs to somebody else. */
function removeLink(pod: Pod, ifname: string): void {
  const link = findLink(pod.route, ifname);
  if (link?.kind === 'macvlan') change(pod, deleteLink(link));
}

function removeRules(pod: Pod, family: 4 | 6): void {
  for (const rule of listPolicyRules(pod.route, family))
    if (rule.protocol === ROUTE_PROTOCOL) change(pod, deletePolicyRule(rule));
}

function removeRoutes(pod: Pod, family: 4 | 6): void {
  for (const route of listRoutes(pod.route, family))
    if (route.protocol === ROUTE_PROTOCOL) change(pod, deleteRoute(route));
}

function change(pod: Pod, request: Request): void {
  try {
    pod.route.change(request);
  } catch (error) {
    // It went by itself between the look and the deed, as routes do with their link.
    if (!hasErrno(error, ENODEV, ENOENT, ESRCH)) throw error;
  }
}
