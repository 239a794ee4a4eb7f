import { type DataPlane, dataPlane, ROUTE_PROTOCOL } from '../../src/domain/data-plane/data-plane';
import { markedByPlace } from '../../src/domain/data-plane/marked-rules';
import type { DataPlaneRoute } from '../../src/domain/data-plane/routing';
import { standbyPlane } from '../../src/domain/data-plane/standby-plane';
import { ROUTER_INTERFACE } from '../../src/domain/router/object-names';
import { type Family, familyName } from '../../src/domain/values/ip-address';
import { announceRouter } from '../address-conflict/announce';
import { ArpPace } from '../address-conflict/arp-pace';
import { AddressClaim, claimAddresses, refuseLateConflict, refuseOwnAddress } from '../address-conflict/claim';
import { applyAddresses, applyLink, applyTable } from '../data-plane/apply';
import { type RecordedAttachment, recordAttachment, recordNewSettings, removeRecord } from '../data-plane/attachment';
import { keptRoutes } from '../data-plane/kept-routes';
import { deleteOlderConnections } from '../data-plane/older-connections';
import { hostsOnOwnNode, peersOf } from '../data-plane/own-node';
import { parentInterface } from '../data-plane/parent-interface';
import { Pod } from '../data-plane/pod';
import { primaryInterface } from '../data-plane/primary-interface';
import { removeDataPlane } from '../data-plane/remove';
import { readReception, StaleConnections } from '../data-plane/stale-connections';
import type { Log } from '../log/log';
import { listAddresses } from '../netlink/route/address';
import { findLink, type Link } from '../netlink/route/link';
import { listRoutes, routeText } from '../netlink/route/route';
import { NETLINK_ROUTE, NetlinkSocket } from '../netlink/socket';
import { Namespace } from '../netns/namespace';
import { CniError, CODES } from '../protocol/cni-error';
import type { Invocation } from '../protocol/invocation';
import { refuseOtherNamespace } from '../protocol/pod-namespace';
import type { CniResult, ResultRoute } from '../protocol/result';

/** State that the steps of ADD share. */
interface AddContext {
  readonly invocation: Invocation;
  readonly log: Log;
  /** Delivers the result to the runtime. */
  readonly deliver: (result: CniResult) => void;
  /** A socket of the node's namespace. */
  readonly host: NetlinkSocket;
  readonly parent: Link;
  readonly pod: Pod;
  /** Of the router. */
  readonly plane: DataPlane;
  /** What ADD makes of it: with a standby, the process in the pod decides which pod has the addresses. */
  readonly made: DataPlane;
  readonly claim: AddressClaim;
  readonly pace: ArpPace;
  /** What DEL needs, and whether an earlier ADD of the same attachment recorded it: set when it is written. */
  recorded?: RecordedAttachment;
  /** Whether the table in the pod is this router's: only then is anything in the pod. */
  hasTable?: boolean;
  /** The router's interface, once it is created. */
  link?: Link;
}

interface Step {
  /** Starts with a verb: the log says "could not NAME". */
  readonly name: string;
  readonly run: (context: AddContext) => void;
  /** Undoes the step, and the later ones that have no undo of their own. @returns what could not be undone */
  readonly undo?: (context: AddContext) => unknown[];
  /** Whether it is about addresses on the LAN, which a pod of a router with a standby does not have yet. */
  readonly needsAddresses?: true;
}

/**
 * The steps of ADD, in the order that fails closed: the table, which drops, precedes the link, and forwarding comes
 * last. docs/data-plane.md lists them.
 */
export const ADD_STEPS: readonly Step[] = [
  { name: 'check the pod and the node', run: refuseTaken },
  { name: 'record the attachment', run: record, undo: forget },
  { name: 'create the table', run: createTable, undo: removeRouter },
  { name: 'create the link', run: createLink },
  { name: 'claim the addresses', run: claim, needsAddresses: true },
  { name: 'delete connections older than the rules', run: deleteOlder },
  {
    name: 'configure the link, routes and forwarding',
    run: configure,
  },
  {
    name: 'check for a late conflict',
    run: (context) => refuseLateConflict(context.claim),
    needsAddresses: true,
  },
  { name: 'announce the addresses', run: announce, needsAddresses: true },
  { name: 'report the result', run: report },
];

/**
 * Makes a router of the pod. A failed ADD leaves nothing.
 *
 * @param deliver called last: if the runtime never gets the result, the router is undone
 */
export function add(invocation: Invocation, log: Log, deliver: (result: CniResult) => void): void {
  const { config, netns, ifname } = invocation;
  refuseOtherNamespace(invocation);
  using host = NetlinkSocket.open(NETLINK_ROUTE, 'open a route socket on the node');
  const parent = parentInterface(host, config);
  using namespace = Namespace.open(netns);
  using pod = Pod.open(namespace);
  const plane = dataPlane(config, ifname, primaryInterface(pod.route, config));
  const made = plane.standbyMac === undefined ? plane : standbyPlane(plane);
  using claim = new AddressClaim(plane.addresses.map(({ address }) => address));
  const pace = new ArpPace(config.options.arpFramesPerSecond);
  runSteps({ invocation, log, deliver, host, parent, pod, plane, made, claim, pace });
}

function runSteps(context: AddContext): void {
  const hasAddresses = context.made.addresses.length > 0;
  const steps = ADD_STEPS.filter(({ needsAddresses }) => hasAddresses || needsAddresses === undefined);
  for (const [index, { name, run }] of steps.entries()) {
    try {
      run(context);
    } catch (error) {
      context.log.error(`could not ${name}`);
      undo(steps.slice(0, index), context);
      throw error;
    }
  }
}

/** Undoes steps from last to first, until one fails: DEL retries, and needs the record of the attachment. */
function undo(steps: readonly Step[], context: AddContext): void {
  for (const step of [...steps].reverse()) {
    const failures = step.undo?.(context) ?? [];
    for (const failure of failures) {
      context.log.error(`could not undo: ${failure instanceof Error ? failure.message : failure}`);
    }
    if (failures.length > 0) return;
  }
}

function refuseTaken(context: AddContext): void {
  const { invocation, host, pod, plane } = context;
  const { route } = pod;
  const { link, addresses, routes, primaryInterface: primary } = plane;
  if (link.name === primary) {
    throw new CniError(
      CODES.PRIMARY_INTERFACE,
      `CNI_IFNAME: "${primary}" is the pod's primary interface; accepted: another name, such as ${ROUTER_INTERFACE}`,
    );
  }
  if (findLink(route, link.name) !== undefined) {
    throw new CniError(
      CODES.EXISTS,
      `CNI_IFNAME: "${link.name}" is an interface of the pod already; accepted: a name that the pod does not have`,
    );
  }
  // Its policy rule would send the pod's answers on the cluster network by net1.
  const own = new Set(listAddresses(route).map(({ cidr }) => cidr.address.text));
  const taken = addresses.find(({ address }) => own.has(address.text));
  if (taken !== undefined) {
    throw new CniError(
      CODES.ADDRESS_CONFLICT,
      `ip.addresses: "${taken.address.text}" is an address of the pod itself; accepted: a reserved address of the LAN`,
    );
  }
  const tables = new Set([...routes.map(({ table }) => table), plane.keptTable]);
  for (const { address } of addresses) for (const table of tables) refuseForeignRoutes(route, address.family, table);
  if (invocation.config.options.detectConflicts) refuseOwnAddress(host, plane);
  warnOfOwnNode(context);
}

/** On another node the same rule works, so ADD does not fail. */
function warnOfOwnNode({ invocation: { config }, host, parent, log }: AddContext): void {
  for (const { text } of hostsOnOwnNode(host, parent, config, peersOf(config))) {
    log.error(
      `${text} is an address of this node itself: the router does not reach it from here (macvlan), and does from other nodes`,
    );
  }
}

/** Routes of another plugin, such as sbr, whose tables also start at 100. */
function refuseForeignRoutes(route: NetlinkSocket, family: Family, table: number): void {
  // Routes of our own protocol belong to another router, which its table identifies better.
  const other = listRoutes(route, family, table).find(({ protocol }) => protocol !== ROUTE_PROTOCOL);
  if (other === undefined) return;
  const problem = `routing table ${table} of the pod already has routes (${routeText(other)})`;
  throw new CniError(CODES.EXISTS, problem, 'set another "routingTable"');
}

function record(context: AddContext): void {
  const { invocation, pod, plane } = context;
  context.recorded = recordAttachment(invocation, pod.namespace, plane);
}

/** The record of an earlier ADD stays while a table is in the pod that this ADD did not create: DEL still needs it. */
function forget({ invocation, recorded, hasTable = false }: AddContext): unknown[] {
  if (hasTable || recorded?.isContinued === false) removeRecord(invocation);
  return [];
}

function createTable(context: AddContext): void {
  const { invocation, pod, plane } = context;
  applyTable(pod, plane);
  context.hasTable = true;
  context.recorded = recordNewSettings(invocation, pod.namespace, plane, context.recorded!);
}

function deleteOlder({ invocation: { config }, pod, plane: { primaryInterface: primary } }: AddContext): void {
  deleteOlderConnections(
    pod,
    () => new StaleConnections(markedByPlace(config), readReception(pod.route, primary, config)),
  );
}

function removeRouter({ pod, invocation, recorded, log }: AddContext): unknown[] {
  return removeDataPlane(pod, invocation.ifname, recorded?.record.previous, (problem) => log.error(problem));
}

function createLink(context: AddContext): void {
  const { host, pod, made, parent } = context;
  context.link = applyLink(host, pod, made, parent);
}

function claim({ link, invocation, ...context }: AddContext): void {
  claimAddresses({ ...context, link: link!, config: invocation.config });
}

function configure({ host, pod, plane, made, link, log }: AddContext): void {
  const kept = keptRoutes(host, pod.route, plane);
  for (const { address } of plane.addresses) {
    if (kept.some(({ family, type }) => family === address.family && type === 'unicast')) continue;
    log.verbose(
      `${plane.primaryInterface} has no default ${familyName(address.family)} route: only its routes reach clients`,
    );
  }
  applyAddresses(pod, made, link!, kept);
}

/** The claim's sockets stay open until here: closing them takes longer than another host's probe. */
function announce({ pod, plane, link, claim, pace }: AddContext): void {
  announceRouter(pod, plane, link!, claim.sockets, pace);
  claim[Symbol.dispose]();
}

function report({ invocation, log, deliver, parent, made, link }: AddContext): void {
  const addresses = made.addresses.map(({ text }) => text).join(', ') || 'no address yet';
  log.verbose(`${invocation.ifname} on ${parent.name} has ${addresses} and MAC ${link!.mac}`);
  deliver(result(invocation, made, link!));
}

function result({ config, netns, ifname }: Invocation, plane: DataPlane, { mac, mtu }: Link): CniResult {
  const { routes, addresses } = plane;
  return {
    interfaces: [{ name: ifname, mac, mtu, sandbox: netns }],
    ips: (addresses.length === 0 ? [] : config.addresses).map(({ cidr, gateway }) => ({
      address: cidr.text,
      ...(gateway === undefined ? {} : { gateway: gateway.text }),
      interface: 0,
    })),
    routes: routes.flatMap(resultRoutes),
  };
}

/** A result has no word for an unreachable route. */
function resultRoutes({ type, family, destination, gateway, table }: DataPlaneRoute): ResultRoute[] {
  if (type !== 'unicast') return [];
  const dst = destination?.text ?? (family === 4 ? '0.0.0.0/0' : '::/0');
  return [{ dst, ...(gateway === undefined ? {} : { gw: gateway.text }), table }];
}
