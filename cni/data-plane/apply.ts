import { type DataPlane, precedesAddresses } from '../../src/domain/data-plane/data-plane';
import { EBUSY, EEXIST, EINVAL } from '../ffi/errno';
import { hasErrno, NetlinkError } from '../netlink/netlink-error';
import { createTable, readTableComment } from '../netlink/nftables/table';
import { addAddress } from '../netlink/route/address';
import { addMacvlan, findLink, type Link, setLinkAddress } from '../netlink/route/link';
import { addPolicyRule } from '../netlink/route/policy-rule';
import { addRoute, type Route } from '../netlink/route/route';
import type { NetlinkSocket } from '../netlink/socket';
import { CniError, CODES } from '../protocol/cni-error';
import { kernelPolicyRule, kernelRoute } from './kernel-objects';
import { writeSetting } from './kernel-setting';
import type { Pod } from './pod';

/*
 * The steps of ADD in the order that fails closed: first the table, which drops, then the link, and forwarding last.
 */

/** The table, in one transaction. From here on, only packets of a rule are forwarded. */
export function applyTable(pod: Pod, { table, link }: DataPlane): void {
  try {
    pod.netfilter.transaction(createTable(table), `nft add table inet ${table.name}`);
  } catch (error) {
    if (!hasErrno(error, EEXIST)) throw error;
    const comment = readTableComment(pod.netfilter, table.name);
    throw new CniError(
      CODES.EXISTS,
      `the pod already has an egress router; ${link.name} would be a second one`,
      `table inet ${table.name}: ${comment ?? 'without comment'}`,
    );
  }
}

/** The macvlan interface, created on the node and moved into the pod. It is down, and silent until `applyAddresses`. */
export function applyLink(host: NetlinkSocket, pod: Pod, { link }: DataPlane, parent: Link): Link {
  try {
    host.change(addMacvlan({ ...link, parentIndex: parent.index, namespaceFd: pod.namespace.fd }));
  } catch (error) {
    throw explained(error, parent);
  }
  const made = findLink(pod.route, link.name);
  if (made === undefined) throw new CniError(CODES.KERNEL, `${link.name} vanished while the router was set up`);
  // A passthru interface starts with its parent's MAC.
  if (made.mac !== link.mac) pod.route.change(setLinkAddress(made, link.mac));
  pod.namespace.run(() =>
    writeSetting({ path: `net/ipv6/conf/${link.name}/disable_ipv6`, value: '1', isOptional: true }),
  );
  return { ...made, mac: link.mac };
}

/**
 * The addresses of the link, the routes, policy rules and settings.
 *
 * @param kept copies of the primary interface's default routes
 */
export function applyAddresses(
  pod: Pod,
  { sysctls, addresses, routes, policyRules }: DataPlane,
  link: Link,
  kept: readonly Route[],
): void {
  const settings = sysctls.map((setting) => ({ setting, isEarly: precedesAddresses(link.name, setting) }));
  pod.namespace.run(() => {
    for (const { setting, isEarly } of settings) if (isEarly) writeSetting(setting);
  });
  pod.route.changes([
    ...addresses.map((address) => addAddress(address, link)),
    ...routes.map((route) => addRoute(kernelRoute(route, link.index))),
    ...kept.map(addRoute),
    ...policyRules.map((rule) => addPolicyRule(kernelPolicyRule(rule))),
  ]);
  pod.namespace.run(() => {
    for (const { setting, isEarly } of settings) if (!isEarly) writeSetting(setting);
  });
}

/** The meaning of the kernel's errors for a macvlan interface. */
function explained(error: unknown, parent: Link): unknown {
  if (!(error instanceof NetlinkError)) return error;
  if (error.errno === EEXIST)
    return new CniError(CODES.EXISTS, 'the pod already has an interface of that name', error.message);
  if (error.errno !== EBUSY && error.errno !== EINVAL) return error;
  const reason =
    error.errno === EBUSY
      ? 'cannot have a macvlan: it belongs to a bridge or bond, or has interfaces of another kind (ipvlan)'
      : 'cannot have a macvlan of this mode: a passthru interface does not share its parent';
  return new CniError(CODES.PARENT_INTERFACE, `parent interface ${parent.name} ${reason}`, error.message);
}
