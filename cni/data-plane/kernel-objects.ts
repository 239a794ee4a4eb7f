import { type DataPlaneRoute, type PolicyRule, ROUTE_PROTOCOL } from '../../src/domain/data-plane/data-plane';
import type { Rule } from '../netlink/route/policy-rule';
import type { Route } from '../netlink/route/route';

/** A route of the data plane as the kernel knows it. */
export function kernelRoute(route: DataPlaneRoute, linkIndex: number): Route {
  return { ...route, protocol: ROUTE_PROTOCOL, interfaceIndex: route.type === 'unicast' ? linkIndex : undefined };
}

/** A policy rule of the data plane as the kernel knows it. */
export function kernelRule(rule: PolicyRule): Rule {
  return { ...rule, protocol: ROUTE_PROTOCOL };
}
