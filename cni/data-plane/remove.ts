import { ROUTE_PROTOCOL, type Sysctl } from '../../src/domain/data-plane/data-plane';
import { isTableComment, TABLE_NAME } from '../../src/domain/data-plane/router-table';
import { LINK_GROUP } from '../../src/domain/data-plane/routing';
import { EAFNOSUPPORT, ENODEV, ENOENT, EOPNOTSUPP, ESRCH } from '../ffi/errno';
import type { Request } from '../netlink/message';
import { hasErrno } from '../netlink/netlink-error';
import { removeFence } from '../netlink/nftables/fence-table';
import { deleteTable, readTableComment } from '../netlink/nftables/table';
import { deleteLink, findLink } from '../netlink/route/link';
import { deletePolicyRule, listPolicyRules } from '../netlink/route/policy-rule';
import { deleteRoute, listRoutes } from '../netlink/route/route';
import { KernelSettingError, writeSetting } from './kernel-setting';
import { deleteConnectionsOfAddresses } from './older-connections';
import type { Pod } from './pod';
import { addressesOf } from './stale-connections';

/** Takes a line for the log: what is not a failure, but never right. */
export type Report = (problem: string) => void;

/**
 * Errors of a setting that ADD cannot have changed: such a record is not its own, and would stop DEL for ever. The
 * kernel's settings of a network answer wrong values also with ENOENT (a list of names), EIO (`stable_secret`, which
 * cannot be read either) and EOVERFLOW (a mask of processors).
 */
const UNWRITABLE: readonly unknown[] = [
  ...['EINVAL', 'ERANGE', 'EACCES', 'EISDIR', 'ENOTDIR', 'ENAMETOOLONG'],
  ...['ENOENT', 'EIO', 'EOVERFLOW'],
];

/**
 * Removes everything that ADD made from a pod, also after a partial ADD. The table is the last, because it identifies
 * the router: it is the first that ADD makes. Every step is tried; missing objects count as removed.
 *
 * @param previous settings of the whole namespace before ADD; absent without a record of it
 * @returns what could not be removed
 */
export function removeDataPlane(
  pod: Pod,
  ifname: string,
  previous: readonly Sysctl[] | undefined,
  report: Report,
): unknown[] {
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
  const isOurs = isTableComment(comment, ifname);
  // The table may have been flushed while the rest of the router exists: the record still identifies it.
  if (!isOurs && (comment !== undefined || previous === undefined)) return failures;
  const addresses = attempt(() => addressesOf(pod.route, ifname)) ?? [];
  attempt(() => removeLink(pod, ifname));
  for (const family of [4, 6] as const) {
    attempt(() => removeRules(pod, family));
    attempt(() => removeRoutes(pod, family));
  }
  // In reverse order: the namespace's forwarding changes that of its interfaces.
  for (const setting of [...(previous ?? [])].reverse()) {
    attempt(() => pod.namespace.run(() => restoreSetting(setting, report)));
  }
  // Without the link and forwarding, no packet starts another one.
  attempt(() => deleteConnectionsOfAddresses(pod, addresses));
  attempt(() => removeFenceOf(pod));
  if (isOurs) attempt(() => pod.netfilter.transaction(deleteTable(TABLE_NAME), `nft delete table inet ${TABLE_NAME}`));
  return failures;
}

/** The process of a pod of a pair makes it; an older kernel has no such tables. */
function removeFenceOf({ netfilter }: Pod): void {
  try {
    netfilter.transaction(removeFence(), 'remove the fence of the address');
  } catch (error) {
    if (!hasErrno(error, ENOENT, EOPNOTSUPP, EAFNOSUPPORT)) throw error;
  }
}

function restoreSetting(setting: Sysctl, report: Report): void {
  try {
    writeSetting(setting);
  } catch (error) {
    if (!(error instanceof KernelSettingError) || !UNWRITABLE.includes(error.code)) throw error;
    report(`${error.message}: ADD has not recorded this`);
  }
}

/** ADD makes a macvlan of our group; another interface with that name is not ours. */
function removeLink(pod: Pod, ifname: string): void {
  const link = findLink(pod.route, ifname);
  if (link?.kind === 'macvlan' && link.group === LINK_GROUP) change(pod, deleteLink(link));
}

function removeRules(pod: Pod, family: 4 | 6): void {
  for (const rule of listPolicyRules(pod.route, family))
    if (rule.protocol === ROUTE_PROTOCOL && rule.goto === undefined) change(pod, deletePolicyRule(rule));
}

function removeRoutes(pod: Pod, family: 4 | 6): void {
  for (const route of listRoutes(pod.route, family))
    if (route.protocol === ROUTE_PROTOCOL) change(pod, deleteRoute(route));
}

function change(pod: Pod, request: Request): void {
  try {
    pod.route.change(request);
  } catch (error) {
    // It disappeared in the meantime, as routes do with their link.
    if (!hasErrno(error, ENODEV, ENOENT, ESRCH)) throw error;
  }
}
