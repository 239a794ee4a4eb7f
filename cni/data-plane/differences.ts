import { type DataPlane, isSettled, ROUTE_PROTOCOL, type Sysctl } from '../../src/domain/data-plane/data-plane';
import { ANSWER_PRIORITY } from '../../src/domain/data-plane/routing';
import { tableDifferences } from '../netlink/nftables/table-differences';
import type { Link } from '../netlink/route/link';
import type { Route } from '../netlink/route/route';
import { foundCommands, routeCommand, wantedCommands } from './ip-commands';
import { keptRoute } from './kept-routes';
import type { KeptObservation, Observation, RoutingObservation } from './observe';

/** Properties of the parent interface that a link depends on. */
export type Parent = Pick<Link, 'index' | 'name' | 'mtu'>;

/**
 * The differences between the wanted and the existing links and routes of a pod, one sentence each, in the syntax of
 * `ip`.
 */
export interface RoutingDifferences {
  readonly link: readonly string[];
  readonly addresses: readonly string[];
  readonly routes: readonly string[];
  readonly policyRules: readonly string[];
}

/** Routing, sysctl and nft differences together. Empty if there are none. */
export function differences(wanted: DataPlane, observed: Observation, parent: Parent): string[] {
  return [
    ...Object.values(routingDifferences(wanted, observed, parent)).flat(),
    ...settingDifferences(wanted.sysctls, observed.sysctls),
    ...tableDifferences(wanted.table, observed.table),
  ];
}

export function routingDifferences(
  wanted: DataPlane,
  observed: RoutingObservation & KeptObservation,
  parent: Parent,
): RoutingDifferences {
  const [items, found] = [wantedCommands(wanted, observed.link), foundCommands(observed, wanted.link.name)];
  return {
    link: linkDifferences(wanted, observed.link, parent),
    addresses: setDifferences('address', items.addresses, found.addresses),
    routes: [...setDifferences('route', items.routes, found.routes), ...keptDifferences(wanted, observed)],
    policyRules: ruleDifferences(items.policyRules, found.policyRules),
  };
}

function linkDifferences({ link }: DataPlane, found: Link | undefined, parent: Parent): string[] {
  if (found === undefined) return [`interface ${link.name} is missing`];
  const aspects: readonly (readonly [aspect: string, wanted: unknown, found: unknown])[] = [
    ['kind', 'macvlan', found.kind ?? 'another'],
    ['mode', link.mode, found.macvlanMode ?? 'absent'],
    ['MAC address', link.mac, found.mac],
    ['group', link.group, found.group],
    ['MTU', link.mtu ?? parent.mtu, found.mtu],
    ['parent interface', `${parent.name} (index ${parent.index})`, parentText(found, parent)],
    ['state', 'up', found.isUp ? 'up' : 'down'],
    // A link that is down has no carrier, which would be reported twice.
    ['carrier', 'present', found.hasCarrier || !found.isUp ? 'present' : 'absent'],
  ];
  return aspects
    .filter(([, expected, actual]) => expected !== actual)
    .map(([aspect, expected, actual]) => `interface ${link.name}: ${aspect} is ${actual}, not ${expected}`);
}

function parentText({ parentIndex }: Link, parent: Parent): string {
  if (parentIndex === parent.index) return `${parent.name} (index ${parent.index})`;
  return parentIndex === undefined ? 'absent' : `another one (index ${parentIndex})`;
}

/** @param found by path below `/proc/sys` */
export function settingDifferences(
  wanted: readonly Sysctl[],
  found: ReadonlyMap<string, string | undefined>,
): string[] {
  return wanted.flatMap((setting) => settingDifference(setting, found.get(setting.path)));
}

function settingDifference(setting: Sysctl, found: string | undefined): string[] {
  if (isSettled(setting, found)) return [];
  return [`sysctl ${setting.path} is ${found ?? 'missing'}, not ${setting.value}`];
}

/**
 * The kept table has only default routes by the primary interface. Which ones, the cluster network knows: they are
 * wanted as long as main has one, too.
 */
function keptDifferences(
  plane: DataPlane,
  { primary, primaryDefaults, keptRoutes }: KeptObservation,
): readonly string[] {
  const isKept = ({ type, destination, interfaceIndex, protocol }: Route) =>
    type === 'unicast' && destination === undefined && interfaceIndex === primary?.index && protocol === ROUTE_PROTOCOL;
  const missing = plane.addresses.flatMap(({ address: { family } }) => {
    const original = primaryDefaults.find((route) => route.family === family);
    const hasCopy = keptRoutes.some((route) => route.family === family && isKept(route));
    return original === undefined || hasCopy ? [] : [routeCommand(keptRoute(original, plane), primary)];
  });
  const unexpected = keptRoutes.filter((route) => !isKept(route)).map((route) => routeCommand(route, primary));
  return [
    ...missing.map((command) => `route is missing: ${command}`),
    ...unexpected.map((command) => `route is unexpected: ${command}`),
  ];
}

/** Rules of one priority take effect in the kernel's order. */
function ruleDifferences(wanted: readonly string[], found: readonly string[]): string[] {
  const sets = setDifferences('rule', wanted, found);
  if (sets.length > 0) return sets;
  return ([4, 6] as const).flatMap((family) => {
    const answers = found.filter((rule) => rule.startsWith(`ip -${family} rule add priority ${ANSWER_PRIORITY} `));
    const isInOrder = wanted.filter((rule) => answers.includes(rule)).every((rule, index) => rule === answers[index]);
    return isInOrder ? [] : [`rules of priority ${ANSWER_PRIORITY} are in another order: ${answers.join('; ')}`];
  });
}

/** Compares as sets: the kernel lists in its own order. */
function setDifferences(noun: string, wanted: readonly string[], found: readonly string[]): string[] {
  return [
    ...wanted.filter((item) => !found.includes(item)).map((item) => `${noun} is missing: ${item}`),
    ...found.filter((item) => !wanted.includes(item)).map((item) => `${noun} is unexpected: ${item}`),
  ];
}
