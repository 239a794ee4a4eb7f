import { type DataPlane, ROUTE_PROTOCOL } from '../../src/domain/data-plane/data-plane';
import { LOOKUP_PRIORITY, REFUSAL_PRIORITY } from '../../src/domain/data-plane/routing';
import { isIpv6LinkLocal } from '../../src/domain/values/ip-address';
import type { ObservedTable } from '../netlink/nftables/table';
import { type InterfaceAddress, listAddresses } from '../netlink/route/address';
import { findLink, type Link } from '../netlink/route/link';
import { listPolicyRules, type PolicyRule } from '../netlink/route/policy-rule';
import { listRoutes, type Route } from '../netlink/route/route';
import type { NetlinkSocket } from '../netlink/socket';
import { defaultsBy } from './kept-routes';
import { readSetting } from './kernel-setting';
import type { Pod } from './pod';

/** The links and routes in the kernel that correspond to a data plane. */
export interface RoutingObservation {
  readonly link: Link | undefined;
  /** Addresses of the link, except link-local ones. */
  readonly addresses: readonly InterfaceAddress[];
  /** Routes of the data plane's routing tables. */
  readonly routes: readonly Route[];
  /** Our rules, and others at the priorities of the look-up and the rejection; right before main others have theirs. */
  readonly policyRules: readonly PolicyRule[];
}

/** Default routes by the primary interface. */
export interface KeptObservation {
  readonly primary: Link | undefined;
  /** In main. */
  readonly primaryDefaults: readonly Route[];
  /** All routes of the kept table. */
  readonly keptRoutes: readonly Route[];
}

/** The kernel's state that corresponds to a data plane. */
export interface Observation extends RoutingObservation, KeptObservation {
  /** By path below `/proc/sys`. */
  readonly sysctls: ReadonlyMap<string, string | undefined>;
  readonly table: ObservedTable | undefined;
}

/**
 * Reads the pod's state that corresponds to `plane`.
 *
 * @param table the plane's table, as read before
 */
export function observe(pod: Pod, plane: DataPlane, table: ObservedTable | undefined): Observation {
  return {
    ...observeRouting(pod.route, plane),
    ...observeKept(pod.route, plane),
    sysctls: pod.namespace.run(() => observeSettings(plane)),
    table,
  };
}

/** In this thread's namespace. */
export function observeSettings({ sysctls }: DataPlane): ReadonlyMap<string, string | undefined> {
  return new Map(sysctls.map(({ path }) => [path, readSetting(path)]));
}

const OWN_PRIORITIES: readonly number[] = [LOOKUP_PRIORITY, REFUSAL_PRIORITY];

/** Reads links and routes, which needs no privileges. @param route a socket of the pod's namespace */
export function observeRouting(route: NetlinkSocket, plane: DataPlane): RoutingObservation {
  const link = findLink(route, plane.link.name);
  const tables = new Set(plane.routes.map(({ table }) => table));
  const families = [4, 6] as const;
  return {
    link,
    addresses: listAddresses(route).filter(
      ({ interfaceIndex, cidr }) => interfaceIndex === link?.index && !isIpv6LinkLocal(cidr.address),
    ),
    routes: families.flatMap((family) => [...tables].flatMap((table) => listRoutes(route, family, table))),
    policyRules: families.flatMap((family) =>
      listPolicyRules(route, family).filter(
        ({ protocol, priority }) => protocol === ROUTE_PROTOCOL || OWN_PRIORITIES.includes(priority),
      ),
    ),
  };
}

/** Reads the default routes by the primary interface, which needs no privileges. */
export function observeKept(route: NetlinkSocket, { primaryInterface, keptTable }: DataPlane): KeptObservation {
  const primary = findLink(route, primaryInterface);
  const families = [4, 6] as const;
  return {
    primary,
    primaryDefaults: primary === undefined ? [] : families.flatMap((family) => defaultsBy(route, primary, family)),
    keptRoutes: families.flatMap((family) => listRoutes(route, family, keptTable)),
  };
}
