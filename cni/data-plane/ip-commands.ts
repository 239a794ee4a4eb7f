import type { DataPlane } from '../../src/domain/data-plane/data-plane';
import type { InterfaceAddress } from '../netlink/route/address';
import type { Link } from '../netlink/route/link';
import { type PolicyRule, policyRuleText } from '../netlink/route/policy-rule';
import { type Route, routeText } from '../netlink/route/route';
import { kernelPolicyRule, kernelRoute } from './kernel-objects';

/** What a pod has of which several can be, each as the command of `ip` that adds it: two are the same if their commands are. */
export interface IpCommands {
  readonly addresses: readonly string[];
  readonly routes: readonly string[];
  readonly policyRules: readonly string[];
}

/** What a pod should have. Without the link, its routes are wanted all the same: no index of the kernel's is 0. */
export function wantedCommands(
  { link, addresses, routes, policyRules }: DataPlane,
  found: Link | undefined,
): IpCommands {
  const index = found?.index ?? 0;
  return {
    addresses: addresses.map((cidr) => addressCommand({ cidr, hasNoPrefixRoute: true }, link.name)),
    routes: routes.map((route) => routeCommand(kernelRoute(route, index), { name: link.name, index })),
    policyRules: policyRules.map(kernelPolicyRule).map(ruleCommand),
  };
}

/** What a pod has, as the kernel listed it. */
export function foundCommands(
  found: {
    readonly link: Link | undefined;
    readonly addresses: readonly InterfaceAddress[];
    readonly routes: readonly Route[];
    readonly policyRules: readonly PolicyRule[];
  },
  linkName: string,
): IpCommands {
  return {
    addresses: found.addresses.map((address) => addressCommand(address, linkName)),
    routes: found.routes.map((route) => routeCommand(route, found.link)),
    policyRules: found.policyRules.map(ruleCommand),
  };
}

function addressCommand(
  { cidr, hasNoPrefixRoute }: Pick<InterfaceAddress, 'cidr' | 'hasNoPrefixRoute'>,
  linkName: string,
): string {
  const ours = cidr.address.family === 6 ? ' noprefixroute nodad' : ' noprefixroute';
  return `ip address add ${cidr.text} dev ${linkName}${hasNoPrefixRoute ? ours : ''}`;
}

function routeCommand(route: Route, link: Pick<Link, 'name' | 'index'> | undefined): string {
  const metric = usualMetric(route) ? undefined : route.metric;
  return `ip -${route.family} route add ${routeText({ ...route, metric })}${device(route, link)} proto ${route.protocol}`;
}

function device({ interfaceIndex }: Route, link: Pick<Link, 'name' | 'index'> | undefined): string {
  if (interfaceIndex === undefined) return '';
  // `ip` takes an interface of which only the index is known by this name.
  return ` dev ${interfaceIndex === link?.index ? link.name : `if${interfaceIndex}`}`;
}

/** The kernel gives IPv6 routes that name no metric 1024, and IPv4 ones 0. */
function usualMetric({ family, metric }: Route): boolean {
  return metric === (family === 6 ? 1024 : 0);
}

function ruleCommand(rule: PolicyRule): string {
  return `ip -${rule.family} rule add ${policyRuleText(rule)} proto ${rule.protocol}`;
}
