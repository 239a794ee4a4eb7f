import { type DataPlane, isSettled, type Sysctl } from '../../src/domain/data-plane/data-plane';
import { ANSWER_PRIORITY } from '../../src/domain/data-plane/routing';
import { tableDifferences } from '../netlink/nftables/table-differences';
import type { Link } from '../netlink/route/link';
import { foundCommands, routeCommand, wantedCommands } from './ip-commands';
import { isKept, missingKeptRoutes } from './missing-kept-routes';
import type { KeptObservation, Observation, RoutingObservation } from './observe';
import { mayBeDown, planeOfRole } from './plane-of-role';

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
  /** Of the copy of the pod's default routes. */
  readonly keptRoutes: readonly string[];
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

/** @param plane of the pod of a pair, what it is to hold as the one with the addresses */
export function routingDifferences(
  plane: DataPlane,
  observed: RoutingObservation & KeptObservation,
  parent: Parent,
): RoutingDifferences {
  const wanted = planeOfRole(plane, observed);
  const [items, found] = [wantedCommands(wanted, observed.link), foundCommands(observed, wanted.link.name)];
  return {
    link: linkDifferences(wanted, observed.link, parent),
    addresses: setDifferences('address', items.addresses, found.addresses),
    routes: setDifferences('route', items.routes, found.routes),
    keptRoutes: keptDifferences(wanted, observed),
    policyRules: ruleDifferences(items.policyRules, found.policyRules),
  };
}

function linkDifferences(plane: DataPlane, found: Link | undefined, parent: Parent): string[] {
  const { link } = plane;
  if (found === undefined) return [`interface ${link.name} is missing`];
  const aspects: readonly (readonly [aspect: string, wanted: unknown, found: unknown])[] = [
    ['kind', 'macvlan', found.kind ?? 'another'],
    ['mode', link.mode, found.macvlanMode ?? 'absent'],
    ['MAC address', link.mac, found.mac],
    ['group', link.group, found.group],
    ['MTU', link.mtu ?? parent.mtu, found.mtu],
    ['parent interface', `${parent.name} (index ${parent.index})`, parentText(found, parent)],
    ['state', 'up', found.isUp || mayBeDown(plane) ? 'up' : 'down'],
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

/** By which gateway a kept route leads, the cluster network knows: any is right. */
function keptDifferences(plane: DataPlane, observed: KeptObservation): readonly string[] {
  const unexpected = observed.keptRoutes.filter((route) => !isKept(route, observed.primary));
  return [
    ...missingKeptRoutes(plane, observed).map(({ command }) => `route is missing: ${command}`),
    ...unexpected.map((route) => `route is unexpected: ${routeCommand(route, observed.primary)}`),
  ];
}

function ruleDifferences(wanted: readonly string[], found: readonly string[]): string[] {
  const sets = setDifferences('rule', wanted, found);
  return sets.length > 0 ? sets : ruleOrderDifferences(wanted, found);
}

/** Rules of one priority take effect in the kernel's order. Rules that are missing or unexpected do not count. */
export function ruleOrderDifferences(wanted: readonly string[], found: readonly string[]): string[] {
  return ([4, 6] as const).flatMap((family) => {
    const start = `ip -${family} rule add priority ${ANSWER_PRIORITY} `;
    const answers = found.filter((rule) => rule.startsWith(start) && wanted.includes(rule));
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
