import { ROUTE_PROTOCOL } from '../../src/domain/data-plane/data-plane';
import type { DataPlanePolicyRule, DataPlaneRoute } from '../../src/domain/data-plane/routing';
import type { PolicyRule } from '../netlink/route/policy-rule';
import type { Route } from '../netlink/route/route';

/** A route of the data plane as the kernel knows it. */
export function kernelRoute(route: DataPlaneRoute, linkIndex: number): Route {
  return { ...route, protocol: ROUTE_PROTOCOL, interfaceIndex: route.type === 'unicast' ? linkIndex : undefined };
}

/** A policy rule of the data plane as the kernel knows it. */
export function kernelPolicyRule(rule: DataPlanePolicyRule): PolicyRule {
  return { ...rule, protocol: ROUTE_PROTOCOL };
}
