import type { DataPlane } from '../../src/domain/data-plane/data-plane';
import { shellWord } from '../../src/domain/input/shell-word';
import type { InterfaceAddress } from '../netlink/route/address';
import type { Link } from '../netlink/route/link';
import { type PolicyRule, policyRuleText } from '../netlink/route/policy-rule';
import { type Route, routeText } from '../netlink/route/route';
import { kernelPolicyRule, kernelRoute } from './kernel-objects';

/**
 * Addresses, routes and policy rules as the `ip` commands that add them: two are equal if their commands are. People
 * paste them into a shell, so that names of interfaces are quoted.
 */
export interface IpCommands {
  readonly addresses: readonly string[];
  readonly routes: readonly string[];
  readonly policyRules: readonly string[];
}

/** The wanted commands. Routes are wanted even without the link: the kernel has no interface index 0. */
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

/** The commands of what the kernel lists in a pod. */
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
  return `ip address add ${cidr.text} dev ${shellWord(linkName)}${hasNoPrefixRoute ? ours : ''}`;
}

export function routeCommand(route: Route, link: Pick<Link, 'name' | 'index'> | undefined): string {
  const metric = usualMetric(route) ? undefined : route.metric;
  return `ip -${route.family} route add ${routeText({ ...route, metric })}${device(route, link)} proto ${route.protocol}`;
}

function device({ interfaceIndex }: Route, link: Pick<Link, 'name' | 'index'> | undefined): string {
  if (interfaceIndex === undefined) return '';
  // `ip` accepts this name for an interface of which only the index is known.
  return ` dev ${interfaceIndex === link?.index ? shellWord(link.name) : `if${interfaceIndex}`}`;
}

/** The kernel's default metric: 1024 for IPv6 routes, 0 for IPv4 routes. */
function usualMetric({ family, metric }: Route): boolean {
  return metric === (family === 6 ? 1024 : 0);
}

function ruleCommand(rule: PolicyRule): string {
  return `ip -${rule.family} rule add ${policyRuleText(rule)} proto ${rule.protocol}`;
}
