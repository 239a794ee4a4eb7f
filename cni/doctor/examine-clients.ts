import { type Family, isIpv6LinkLocal } from '../../src/domain/values/ip-address';
import { linkBelow } from '../data-plane/parent-interface';
import { listAddresses } from '../netlink/route/address';
import { RT_TABLE_MAIN } from '../netlink/route/constants';
import { findLink, type Link } from '../netlink/route/link';
import { findRouteTo, listRoutes } from '../netlink/route/route';
import { type Examination, found, together } from './examination';
import { shellCommand } from './shell-command';
import { type NamespaceView, restartCommand, type Subject } from './subject';

/** Whether requests reach the pod, and answers reach the clients. */
export function examineClients(subject: Subject): Examination {
  const { pod, node, plane } = subject;
  const primary = findLink(pod.route, plane.primaryInterface);
  const end = node && primary && otherEnd(pod, node, primary);
  return together([
    examineReplies(subject, primary, end),
    node && primary && end ? examineRequests(subject, node, primary, end) : found(),
  ]);
}

/** The node's end of the pod's veth pair, if it is one. */
function otherEnd(pod: NamespaceView, node: NamespaceView, primary: Link): Link | undefined {
  return primary.kind === 'veth' ? linkBelow(node.route, pod.route, primary) : undefined;
}

/**
 * Replies to clients use main or the kept table, by the primary interface; the default route of some clusters has no
 * gateway.
 */
function examineReplies(subject: Subject, primary: Link | undefined, end: Link | undefined): Examination {
  const { primaryInterface: name, keptTable: kept } = subject.plane;
  const lost = familiesOf(subject).filter((family) => !hasRoute(subject, family, primary));
  const details = [
    ...linkProblems(name, primary),
    ...lost.map(
      (family) => `neither main nor table ${kept} has a route by ${name}: ip -${family} route show table all`,
    ),
  ];
  if (details.length === 0) return found();
  return found({
    id: 'client-route',
    problem: `There is no return route to the clients by ${name}.`,
    details,
    explanation:
      'Requests leave, but answers stop in the pod. The cluster network set these routes when the pod was created.',
    commands: [
      ...(end?.isUp === false ? [shellCommand`ip link set ${end.name} up   # on the node`] : []),
      restartCommand(subject),
    ],
  });
}

function linkProblems(name: string, primary: Link | undefined): string[] {
  if (primary === undefined) return [`${name} is missing`];
  if (!primary.isUp) return [`${name} is down`];
  return primary.hasCarrier ? [] : [`${name} has no carrier: its other end, on the node, is down`];
}

function hasRoute({ pod, plane }: Subject, family: Family, primary: Link | undefined): boolean {
  const routes = [RT_TABLE_MAIN, plane.keptTable].flatMap((table) => listRoutes(pod.route, family, table));
  return routes.some(
    ({ type, interfaceIndex, gateway, destination }) =>
      type === 'unicast' && interfaceIndex === primary?.index && (gateway !== undefined || destination === undefined),
  );
}

/**
 * If the cluster network routes to its pods, the node has a route to each of them, or to all of its own: its default
 * route leads elsewhere.
 */
function examineRequests(subject: Subject, node: NamespaceView, primary: Link, end: Link): Examination {
  // An end in a bridge or switch is reached through it.
  if (!end.isUp || end.masterIndex !== undefined) return found();
  const families = familiesOf(subject);
  const lost = listAddresses(subject.pod.route)
    .filter(({ interfaceIndex }) => interfaceIndex === primary.index)
    .map(({ cidr }) => cidr.address)
    .filter((address) => families.includes(address.family) && !isIpv6LinkLocal(address))
    .filter((address) => {
      const route = findRouteTo(node.route, address);
      return route?.type !== 'unicast' || (route.destination === undefined && route.interfaceIndex !== end.index);
    })
    .map(({ text }) => text);
  if (lost.length === 0) return found();
  return found({
    id: 'client-route',
    problem: `The node has no route to the pod's ${lost.length === 1 ? 'address' : 'addresses'} ${lost.join(' and ')}.`,
    explanation:
      'Requests of clients do not reach the pod. The cluster network added the route with the pod; something on the node removed it.',
    commands: [
      ...lost.map((text) => shellCommand`ip route get ${text}   # on the node: by ${end.name}`),
      restartCommand(subject),
    ],
  });
}

function familiesOf({ config }: Subject): Family[] {
  return config.addresses.map(({ cidr }) => cidr.address.family);
}
