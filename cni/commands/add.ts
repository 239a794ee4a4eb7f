import { type DataPlane, dataPlane, ROUTE_PROTOCOL } from '../../src/domain/data-plane/data-plane';
import type { Family } from '../../src/domain/values/ip-address';
import { announceRouter } from '../address-conflict/announce';
import { AddressClaim, claimAddresses, refuseLateConflict, refuseOwnAddress } from '../address-conflict/claim';
import { applyAddresses, applyLink, applyTable } from '../data-plane/apply';
import { type Attachment, type AttachmentRecord, recordAttachment, removeRecord } from '../data-plane/attachment';
import { parentInterface } from '../data-plane/parent-interface';
import { Pod } from '../data-plane/pod';
import { primaryInterface } from '../data-plane/primary-interface';
import { removeDataPlane } from '../data-plane/remove';
import type { Log } from '../log';
import { listAddresses } from '../netlink/route/address';
import { findLink, type Link } from '../netlink/route/link';
import { listRoutes, routeText } from '../netlink/route/route';
import { NETLINK_ROUTE, NetlinkSocket } from '../netlink/socket';
import { Namespace } from '../netns/namespace';
import { CniError, CODES } from '../protocol/cni-error';
import type { Invocation } from '../protocol/invocation';
import type { CniResult } from '../protocol/result';

/** What ADD works with. */
interface Workplace {
  /** A socket of the node's namespace. */
  readonly host: NetlinkSocket;
  readonly parent: Link;
  readonly pod: Pod;
  readonly plane: DataPlane;
}

/**
 * Makes a router of the pod. An ADD that fails leaves nothing.
 *
 * @param deliver tells the runtime: a router that it does not learn of is none
 */
export function add(invocation: Invocation, log: Log, deliver: (result: CniResult) => void): void {
  const { config, netns, ifname } = invocation;
  using host = NetlinkSocket.open(NETLINK_ROUTE, 'open a route socket on the node');
  const parent = parentInterface(host, config);
  using namespace = Namespace.open(netns);
  using pod = Pod.open(namespace);
  const plane = dataPlane(config, ifname, primaryInterface(pod.route, config.options.primaryInterface));
  refuseTaken(pod, plane);
  if (config.options.detectConflicts) refuseOwnAddress(host, plane);
  const { record, isContinued } = recordAttachment(invocation, namespace, plane);
  applyTableOrForget(pod, plane, isContinued ? undefined : invocation);
  try {
    const link = makeRouter({ host, parent, pod, plane }, invocation);
    log.verbose(
      `${ifname} on ${parent.name} has ${plane.addresses.map(({ text }) => text).join(', ')} and MAC ${link.mac}`,
    );
    deliver(result(invocation, link));
  } catch (error) {
    undo(pod, invocation, record, log);
    throw error;
  }
}

function refuseTaken({ route }: Pod, { link, addresses, routes, primaryInterface: primary }: DataPlane): void {
  if (link.name === primary) {
    throw new CniError(
      CODES.PRIMARY_INTERFACE,
      `${primary} is the pod's primary interface: a router needs a second one (CNI_IFNAME)`,
    );
  }
  if (findLink(route, link.name) !== undefined) {
    throw new CniError(CODES.EXISTS, `the pod already has an interface ${link.name}`);
  }
  // Its rule would send the pod's answers on the cluster network out by net1.
  const own = new Set(listAddresses(route).map(({ cidr }) => cidr.address.text));
  const taken = addresses.find(({ address }) => own.has(address.text));
  if (taken !== undefined) {
    throw new CniError(CODES.ADDRESS_CONFLICT, `${taken.address.text} is an address of the pod itself`);
  }
  const subnets = routes.filter(({ destination }) => destination !== undefined);
  for (const { family, table } of subnets) refuseForeignRoutes(route, family, table);
}

/** Another plugin's, such as sbr's, whose tables begin with 100 as well. */
function refuseForeignRoutes(route: NetlinkSocket, family: Family, table: number): void {
  // Of our own protocol they are another router's, which its table tells better.
  const other = listRoutes(route, family, table).find(({ protocol }) => protocol !== ROUTE_PROTOCOL);
  if (other === undefined) return;
  const problem = `routing table ${table} of the pod already has routes (${routeText(other)})`;
  throw new CniError(CODES.EXISTS, problem, 'set another "routingTable"');
}

/**
 * Nothing in the pod is ours before the table is: one that is there may be another router's.
 *
 * @param forgotten the attachment, unless an earlier ADD noted it: DEL still needs that note
 */
function applyTableOrForget(pod: Pod, plane: DataPlane, forgotten: Attachment | undefined): void {
  try {
    applyTable(pod, plane);
  } catch (error) {
    if (forgotten !== undefined) removeRecord(forgotten);
    throw error;
  }
}

function makeRouter({ host, parent, pod, plane }: Workplace, { config: { options } }: Invocation): Link {
  const link = applyLink(host, pod, plane, parent);
  // Open until the addresses are announced: closing takes longer than a rival asks.
  using claim = new AddressClaim(plane.addresses.map(({ address }) => address));
  claimAddresses(pod, plane, parent, link, options, claim);
  applyAddresses(pod, plane, link);
  refuseLateConflict(claim);
  announceRouter(pod, plane, link, claim.sockets);
  return link;
}

function undo(pod: Pod, attachment: Attachment, record: AttachmentRecord, log: Log): void {
  const failures = removeDataPlane(pod, attachment.ifname, record.previous);
  if (failures.length === 0) removeRecord(attachment);
  for (const failure of failures) log.error(`could not undo: ${failure instanceof Error ? failure.message : failure}`);
}

function result({ config, netns, ifname }: Invocation, { mac, mtu }: Link): CniResult {
  return {
    interfaces: [{ name: ifname, mac, mtu, sandbox: netns }],
    ips: config.addresses.map(({ cidr, gateway }) => ({
      address: cidr.text,
      ...(gateway === undefined ? {} : { gateway: gateway.text }),
      interface: 0,
    })),
  };
}
