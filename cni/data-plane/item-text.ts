import type { DataPlane } from '../../src/config/data-plane';
import type { InterfaceAddress } from '../netlink/route/address';
import type { Link } from '../netlink/route/link';
import { type Route, routeText } from '../netlink/route/route';
import { type Rule, ruleText } from '../netlink/route/rule';
import { kernelRoute, kernelRule } from './ours';

/** What a pod has of which several can be, each in the words of `ip`: two are the same if their words are. */
export interface Items {
  readonly addresses: readonly string[];
  readonly routes: readonly string[];
  readonly policyRules: readonly string[];
}

/** What a pod should have. Without the link, its routes are wanted all the same: no index of the kernel's is 0. */
export function wantedItems({ link, addresses, routes, policyRules }: DataPlane, found: Link | undefined): Items {
  return {
    addresses: addresses.map((cidr) => addressWords({ cidr, hasNoPrefixRoute: true }, link.name)),
    routes: routes.map((route) => routeWords(kernelRoute(route, found?.index ?? 0))),
    policyRules: policyRules.map(kernelRule).map(ruleWords),
  };
}

/** What a pod has, as the kernel listed it. */
export function foundItems(
  found: {
    readonly addresses: readonly InterfaceAddress[];
    readonly routes: readonly Route[];
    readonly policyRules: readonly Rule[];
  },
  linkName: string,
): Items {
  return {
    addresses: found.addresses.map((address) => addressWords(address, linkName)),
    routes: found.routes.map(routeWords),
    policyRules: found.policyRules.map(ruleWords),
  };
}

function addressWords(
  { cidr, hasNoPrefixRoute }: Pick<InterfaceAddress, 'cidr' | 'hasNoPrefixRoute'>,
  linkName: string,
): string {
  return `${cidr.text} dev ${linkName}${hasNoPrefixRoute ? ' noprefixroute' : ''}`;
}

function routeWords(route: Route): string {
  const metric = usualMetric(route) ? undefined : route.metric;
  const device = route.interfaceIndex === undefined ? '' : ` dev index ${route.interfaceIndex}`;
  return `-${route.family} ${routeText({ ...route, metric })}${device} proto ${route.protocol}`;
}

/** The kernel gives IPv6 routes that name no metric 1024, and IPv4 ones 0. */
function usualMetric({ family, metric }: Route): boolean {
  return metric === (family === 6 ? 1024 : 0);
}

function ruleWords(rule: Rule): string {
  return `-${rule.family} ${ruleText(rule)} proto ${rule.protocol}`;
}
