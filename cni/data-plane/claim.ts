import type { DataPlane } from '../../src/config/data-plane';
import type { IpAddress } from '../../src/config/ip-address';
import type { RouterOptions } from '../../src/config/router-options';
import { waitForInput } from '../ffi/libc';
import { EADDRINUSE } from '../netlink/errno';
import { hasErrno } from '../netlink/netlink-error';
import { listAddresses } from '../netlink/route/address';
import { type Link, setLinkDown, setLinkUp } from '../netlink/route/link';
import type { NetlinkSocket } from '../netlink/socket';
import { type Conflict, findDuplicate } from '../packet/duplicate-address';
import { PacketSockets } from '../packet/packet-sockets';
import { LOCAL_PROBE_TIMING } from '../packet/probe-rounds';
import { CniError, CODES } from '../protocol/cni-error';
import type { Pod } from './pod';

/** How often ADD asks again while somebody else holds the address. */
const ASK_AGAIN_MILLISECONDS = 100;

/** Who else holds a reserved address, and where that was seen. */
interface Holder extends Conflict {
  readonly seenFrom: string;
}

/**
 * Takes the link up once nobody else holds an address of the router: an old holder on a drained node is still leaving when
 * the new one starts.
 *
 * It asks from the parent first, with the parent's MAC: the other holder may have the MAC of this link, and a single frame
 * from the link would turn the switches away from it. Then from the link, which alone hears a holder on the same node.
 *
 * @returns the link's sockets where `detectConflicts` asked through them, still open
 * @throws CniError with the holder's MAC when it has not left after `conflictWait`
 */
export function claimAddresses(
  pod: Pod,
  plane: DataPlane,
  parent: Link,
  link: Link,
  options: RouterOptions,
): PacketSockets | undefined {
  const deadline = performance.now() + options.conflictWait * 1000;
  for (;;) {
    const claim = options.detectConflicts
      ? askAndTake(pod, plane, parent, link)
      : { holder: take(pod, plane, parent, link), sockets: undefined };
    if (claim.holder === undefined) return claim.sockets;
    if (performance.now() >= deadline) throw conflictError(claim.holder, options.conflictWait);
    waitForInput([], ASK_AGAIN_MILLISECONDS);
  }
}

/** Takes the link up, unless an interface of its MAC is up on the same parent. */
function take(pod: Pod, { addresses }: DataPlane, parent: Link, link: Link): Holder | undefined {
  try {
    pod.route.change(setLinkUp(link));
    return undefined;
  } catch (error) {
    if (!hasErrno(error, EADDRINUSE)) throw error;
    const seenFrom = `another interface on ${parent.name} of this node`;
    return { address: addresses[0]!.address, mac: link.mac, seenFrom };
  }
}

/** Leaves the link up when the addresses are free, and down when somebody else holds one. */
function askAndTake(
  pod: Pod,
  plane: DataPlane,
  parent: Link,
  link: Link,
): { readonly holder?: Holder; readonly sockets?: PacketSockets } {
  const addresses = plane.addresses.map(({ address }) => address);
  const holder = askFrom(parent, addresses) ?? take(pod, plane, parent, link);
  if (holder !== undefined) return { holder };
  const sockets = pod.namespace.run(() => PacketSockets.open(link, addresses));
  const onNode = findDuplicate(sockets, addresses, LOCAL_PROBE_TIMING);
  if (onNode === undefined) return { sockets };
  sockets[Symbol.dispose]();
  pod.route.change(setLinkDown(link));
  return { holder: { ...onNode, seenFrom: link.name } };
}

function askFrom(parent: Link, addresses: readonly IpAddress[]): Holder | undefined {
  using sockets = PacketSockets.open(parent, addresses);
  const found = findDuplicate(sockets, addresses);
  return found && { ...found, seenFrom: `parent interface ${parent.name}` };
}

function conflictError({ address, mac, seenFrom }: Holder, waitedSeconds: number): CniError {
  return new CniError(
    CODES.ADDRESS_CONFLICT,
    `${address.text} is held by somebody else: ${mac} answers (seen from ${seenFrom})`,
    `asked again for ${waitedSeconds} s (conflictWait)`,
  );
}

/**
 * Refuses a reserved address that is the node's own: the node does not answer its own question, and macvlan does not let
 * the two speak.
 *
 * @param host a socket of the node's namespace
 */
export function refuseOwnAddress(host: NetlinkSocket, { addresses }: DataPlane): void {
  const own = new Set(listAddresses(host).map(({ cidr }) => cidr.address.text));
  const taken = addresses.find(({ address }) => own.has(address.text));
  if (taken === undefined) return;
  throw new CniError(CODES.ADDRESS_CONFLICT, `${taken.address.text} is an address of this node itself`);
}
