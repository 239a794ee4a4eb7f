import { shellWord } from '../input/shell-word';
import type { Cidr } from '../values/cidr';
import type { Family } from '../values/ip-address';
import { type DataPlane, type DataPlaneLink, precedesAddresses, ROUTE_PROTOCOL, type Sysctl } from './data-plane';
import {
  KEPT_ROUTES_REASON,
  policyRuleReason,
  routeReason,
  settingReason,
  tablePartReason,
} from './data-plane-reasons';
import { nftTableText } from './nft-table-text';
import type { DataPlanePolicyRule, DataPlaneRoute } from './routing';

/** One step as shell lines, for people: the library itself never runs them. */
export interface DataPlaneCommand {
  readonly command: string;
  /** Why it is needed, in a sentence. */
  readonly reason: string;
}

/**
 * The commands with the same effect in the pod's namespace as the plugin's netlink messages, in the plugin's order:
 * first the table, which drops, and forwarding last.
 *
 * @param parent the parent interface, where the configuration names none: its name, or `"$VARIABLE"`
 * @param pod name of the pod's namespace, to move the link there; absent if node and pod are one namespace
 */
export function dataPlaneCommands(plane: DataPlane, parent: string, pod?: string): DataPlaneCommand[] {
  const { link, addresses, routes, policyRules, sysctls, table } = plane;
  const families = addresses.map(({ address: { family } }) => family);
  const linkName = shellWord(link.name);
  const early = new Set(sysctls.filter((sysctl) => precedesAddresses(link.name, sysctl)));
  const setting = (sysctl: Sysctl) => ({ command: sysctlCommand(sysctl), reason: settingReason(sysctl) });
  return [
    { command: `nft -f - <<'EOF'\n${nftTableText(table, tablePartReason)}EOF`, reason: TABLE_REASON },
    { command: linkCommand(link, parent, pod), reason: LINK_REASON },
    ...(link.mode === 'passthru'
      ? [{ command: `ip link set ${linkName} address ${link.mac}`, reason: PASSTHRU_REASON }]
      : []),
    { command: sysctlCommand(withoutIpv6(link.name)), reason: WITHOUT_IPV6_REASON },
    { command: `ip link set ${linkName} up`, reason: 'Still without an address: the LAN does not see it.' },
    ...[...early].map(setting),
    ...addresses.map((address) => ({ command: addressCommand(address, linkName), reason: ADDRESS_REASON })),
    ...routes.map((route) => ({ command: routeCommand(route, linkName), reason: routeReason(route) })),
    ...families.map((family) => ({ command: keptRouteCommand(plane, family), reason: KEPT_ROUTES_REASON })),
    ...policyRules.map((rule) => ({ command: ruleCommand(rule), reason: policyRuleReason(rule) })),
    ...sysctls.filter((sysctl) => !early.has(sysctl)).map(setting),
  ];
}

const TABLE_REASON =
  'First the table, which drops: each port leads to its destination, and only connections of a rule pass.';
const LINK_REASON = "The router's interface: its own MAC address on the node's parent interface.";
const PASSTHRU_REASON = "In passthru mode it starts with its parent's MAC address, and gives the parent its own.";
const WITHOUT_IPV6_REASON =
  'With IPv6 on, the link would probe for a link-local address as soon as it is up: the settings come first.';
const ADDRESS_REASON = "The reserved address, without a route of its subnet in the pod's main table.";

function linkCommand(
  { name, mac, group, mtu, mode, master }: DataPlaneLink,
  parent: string,
  pod: string | undefined,
): string {
  const place = pod === undefined ? '' : ` netns ${pod}`;
  const size = mtu === undefined ? '' : ` mtu ${mtu}`;
  const made = `ip link add ${shellWord(name)}${place} link ${master === undefined ? parent : shellWord(master)}`;
  return `${made} address ${mac}${size} group ${group} type macvlan mode ${mode}`;
}

/** ADD keeps IPv6 off the link until its settings are written. */
function withoutIpv6(link: string): Sysctl {
  return { path: `net/ipv6/conf/${link}/disable_ipv6`, value: '1', isOptional: true };
}

/** ADD has already probed for a conflict, so the kernel need not (`nodad`). */
function addressCommand({ text, address: { family } }: Cidr, link: string): string {
  return `ip address add ${text} dev ${link} noprefixroute${family === 6 ? ' nodad' : ''}`;
}

/**
 * `sysctl` accepts slashes, so that an interface's name may have a dot; with -e it skips settings that the kernel
 * lacks.
 */
function sysctlCommand({ path, value, isOptional, insteadOf }: Sysctl): string {
  const command = `sysctl ${isOptional ? '-e ' : ''}-w ${shellWord(`${path}=${value}`)}`;
  return insteadOf === undefined ? command : `test "$(sysctl -e -n ${shellWord(path)})" != ${insteadOf} || ${command}`;
}

function routeCommand({ family, table, type, destination, gateway, metric }: DataPlaneRoute, link: string): string {
  const words = [
    `ip -${family} route add`,
    ...(type === 'unreachable' ? ['unreachable'] : []),
    destination?.text ?? 'default',
    ...(gateway === undefined ? [] : [`via ${gateway.text}`]),
    ...(type === 'unreachable' ? [] : [`dev ${link}`]),
    `table ${table}`,
    ...(metric === undefined ? [] : [`metric ${metric}`]),
    `proto ${ROUTE_PROTOCOL}`,
  ];
  return words.join(' ');
}

/**
 * Copies the best default route of the primary interface, for good: a router advertisement's expires. `throw` says that
 * there was none.
 */
function keptRouteCommand({ primaryInterface, keptTable }: DataPlane, family: Family): string {
  const primary = shellWord(primaryInterface);
  const [add, table] = [`ip -${family} route add`, `table ${keptTable} proto ${ROUTE_PROTOCOL}`];
  const [copy, none] = [`${add} \${route%% expires*} dev ${primary} ${table}`, `${add} throw default ${table}`];
  return `ip -${family} route show default dev ${primary} | if read -r route; then ${copy}; else ${none}; fi`;
}

function ruleCommand(rule: DataPlanePolicyRule): string {
  const { family, priority, incoming, source, outgoing, suppressedGroup, table } = rule;
  const words = [
    `ip -${family} rule add priority ${priority}`,
    ...(source === undefined ? [] : [`from ${source.text}`]),
    ...(incoming === undefined ? [] : [`iif ${shellWord(incoming)}`]),
    ...(outgoing === undefined ? [] : [`oif ${shellWord(outgoing)}`]),
    table === undefined ? 'unreachable' : `lookup ${table === 254 ? 'main' : table}`,
    ...(suppressedGroup === undefined ? [] : [`suppress_ifgroup ${suppressedGroup}`]),
    `protocol ${ROUTE_PROTOCOL}`,
  ];
  return words.join(' ');
}
