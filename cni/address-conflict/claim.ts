import type { DataPlane } from '../../src/domain/data-plane/data-plane';
import type { RouterOptions } from '../../src/domain/router/router-options';
import type { IpAddress } from '../../src/domain/values/ip-address';
import type { Pod } from '../data-plane/pod';
import { EADDRINUSE } from '../ffi/errno';
import { waitForInput } from '../ffi/libc';
import { hasErrno } from '../netlink/netlink-error';
import { listAddresses } from '../netlink/route/address';
import { type Link, setLinkDown, setLinkUp } from '../netlink/route/link';
import type { NetlinkSocket } from '../netlink/socket';
import { PacketSockets } from '../packet/packet-sockets';
import { CniError, CODES } from '../protocol/cni-error';
import { holderFilter } from './holder-filter';
import { type Conflict, findConflict, LOCAL_PROBE_TIMING, type ProbeTiming, pendingConflict } from './probe';

/** Another holder of a reserved address, and the interface that saw it. */
export interface Holder extends Conflict {
  readonly seenFrom: string;
}

/** An interface that probed the LAN. */
interface ProbedInterface {
  readonly sockets: PacketSockets;
  readonly name: string;
}

/**
 * Addresses that are about to be used. Its sockets stay open and listen from the probe to the first announcement,
 * because a host that starts at the same time may be silent when it is probed, and announce first.
 */
export class AddressClaim implements Disposable {
  private interfaces: readonly ProbedInterface[] = [];

  public constructor(private readonly addresses: readonly IpAddress[]) {}

  /** Closes the sockets and discards what they received. */
  public [Symbol.dispose](): void {
    for (const { sockets } of this.interfaces) sockets[Symbol.dispose]();
    this.interfaces = [];
  }

  /** The sockets of the interface that probed last; nothing before the first probe. */
  public get sockets(): PacketSockets | undefined {
    return this.interfaces.at(-1)?.sockets;
  }

  /**
   * Probes the addresses from one more interface.
   *
   * @param sockets of that interface; the claim closes them
   * @throws SystemCallError
   */
  public probe(sockets: PacketSockets, name: string, timing?: ProbeTiming): Holder | undefined {
    this.interfaces = [...this.interfaces, { sockets, name }];
    const found = findConflict(sockets, this.addresses, timing);
    // The sockets are not read for a while: other frames of a busy LAN would fill them.
    if (found === undefined) sockets.filter(this.addresses, holderFilter);
    return found && { ...found, seenFrom: name };
  }

  /**
   * Returns another host that was heard with an address since the probe, without waiting.
   *
   * Call it after the kernel answers for the addresses, and before they are announced. If two routers get this far at
   * once, one of them hears the other's announcement here, unless both call it within the transit time of a frame.
   * After our own announcement we would also hear that one, if a switch or a bond reflects it: it is indistinguishable
   * from another router with the same derived MAC.
   *
   * @throws SystemCallError
   */
  public pendingHolder(): Holder | undefined {
    for (const { sockets, name } of this.interfaces) {
      const found = pendingConflict(sockets, this.addresses);
      if (found !== undefined) return { ...found, seenFrom: name };
    }
    return undefined;
  }
}

/** Milliseconds between probes while another host holds the address. */
const RETRY_MILLISECONDS = 100;

/**
 * Sets the link up once no other host holds an address of the router: an old holder on a drained node may still be
 * leaving when the new one starts.
 *
 * It probes from the parent first, with the parent's MAC: the other holder may have this link's MAC, and a single frame
 * from the link would redirect the switches. Then from the link, the only one to reach a holder on the same node.
 *
 * @param claim a new claim, if `detectConflicts` is on
 * @throws CniError with the holder's MAC if it still holds the address after `conflictWait`
 */
export function claimAddresses(
  pod: Pod,
  plane: DataPlane,
  parent: Link,
  link: Link,
  options: RouterOptions,
  claim: AddressClaim,
): void {
  const deadline = performance.now() + options.conflictWait * 1000;
  for (;;) {
    const holder = options.detectConflicts
      ? probeAndTakeUp(pod, plane, parent, link, claim)
      : takeLinkUp(pod, plane, parent, link);
    if (holder === undefined) return;
    claim[Symbol.dispose]();
    if (performance.now() >= deadline) throw conflictError(holder, options.conflictWait);
    waitForInput([], RETRY_MILLISECONDS);
  }
}

/** Sets the link up, unless an interface of its MAC is up on the same parent. */
function takeLinkUp(pod: Pod, { addresses }: DataPlane, parent: Link, link: Link): Holder | undefined {
  try {
    pod.route.change(setLinkUp(link));
    return undefined;
  } catch (error) {
    if (!hasErrno(error, EADDRINUSE)) throw error;
    const seenFrom = `another interface on ${parent.name} of this node`;
    return { address: addresses[0]!.address, mac: link.mac, seenFrom };
  }
}

/** Leaves the link up if the addresses are free, and down if another host holds one. */
function probeAndTakeUp(pod: Pod, plane: DataPlane, parent: Link, link: Link, claim: AddressClaim): Holder | undefined {
  const addresses = plane.addresses.map(({ address }) => address);
  const elsewhere =
    claim.probe(PacketSockets.open(parent, addresses), `parent interface ${parent.name}`) ??
    takeLinkUp(pod, plane, parent, link);
  if (elsewhere !== undefined) return elsewhere;
  const sockets = pod.namespace.run(() => PacketSockets.open(link, addresses));
  const onNode = claim.probe(sockets, link.name, LOCAL_PROBE_TIMING);
  if (onNode !== undefined) pod.route.change(setLinkDown(link));
  return onNode;
}

function conflictError({ address, mac, seenFrom }: Holder, waitedSeconds: number): CniError {
  return new CniError(
    CODES.ADDRESS_CONFLICT,
    `${address.text} is held by another host: ${mac} answers (seen from ${seenFrom})`,
    `probed for ${waitedSeconds} s (conflictWait)`,
  );
}

/**
 * Rejects addresses that another host has claimed since the probe.
 *
 * @throws CniError with its MAC
 */
export function refuseLateConflict(claim: AddressClaim): void {
  const holder = claim.pendingHolder();
  if (holder === undefined) return;
  const { address, mac, seenFrom } = holder;
  throw new CniError(
    CODES.ADDRESS_CONFLICT,
    `${address.text} was claimed by another host at the same moment: ${mac} was heard (seen from ${seenFrom})`,
    'the next ADD probes again',
  );
}

/**
 * Rejects a reserved address that is the node's own: the node does not answer its own probe, and macvlan does not
 * connect a node with its own pods.
 *
 * @param host a socket of the node's namespace
 */
export function refuseOwnAddress(host: NetlinkSocket, { addresses }: DataPlane): void {
  const own = new Set(listAddresses(host).map(({ cidr }) => cidr.address.text));
  const taken = addresses.find(({ address }) => own.has(address.text));
  if (taken === undefined) return;
  throw new CniError(CODES.ADDRESS_CONFLICT, `${taken.address.text} is an address of this node itself`);
}
