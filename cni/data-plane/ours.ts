import type { DataPlaneRoute, PolicyRule } from '../../src/config/data-plane';
import type { Route } from '../netlink/route/route';
import type { Rule } from '../netlink/route/rule';

/** The number under which the kernel keeps our routes and policy rules (`proto 101`): free in iproute2's rt_protos. */
export const PROTOCOL = 101;

/** A route of the data plane as the kernel knows it. */
export function kernelRoute(route: DataPlaneRoute, linkIndex: number): Route {
  return { ...route, protocol: PROTOCOL, interfaceIndex: route.type === 'unicast' ? linkIndex : undefined };
}

/** A policy rule of the data plane as the kernel knows it. */
export function kernelRule(rule: PolicyRule): Rule {
  return { ...rule, protocol: PROTOCOL };
}
