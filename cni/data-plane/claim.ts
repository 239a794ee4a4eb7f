import type { DataPlane } from '../../src/config/data-plane';
import type { RouterOptions } from '../../src/config/router-options';
import { waitForInput } from '../ffi/libc';
import { EADDRINUSE } from '../netlink/errno';
import { hasErrno } from '../netlink/netlink-error';
import { listAddresses } from '../netlink/route/address';
import { type Link, setLinkDown, setLinkUp } from '../netlink/route/link';
import type { NetlinkSocket } from '../netlink/socket';
import { type Conflict, findDuplicate } from '../packet/duplicate-address';
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
 * @throws CniError with the holder's MAC when it has not left after `conflictWait`
 */
export function claimAddresses(pod: Pod, plane: DataPlane, parent: Link, link: Link, options: RouterOptions): void {
  const deadline = performance.now() + options.conflictWait * 1000;
  for (;;) {
    const holder = tryToClaim(pod, plane, parent, link, options.detectConflicts);
    if (holder === undefined) return;
    if (performance.now() >= deadline) throw conflictError(holder, options.conflictWait);
    waitForInput([], ASK_AGAIN_MILLISECONDS);
  }
}

/** Leaves the link up when the addresses are free, and down when somebody else holds one. */
function tryToClaim(pod: Pod, plane: DataPlane, parent: Link, link: Link, detect: boolean): Holder | undefined {
  const addresses = plane.addresses.map(({ address }) => address);
  const onLan = detect ? findDuplicate(parent, addresses) : undefined;
  if (onLan !== undefined) return { ...onLan, seenFrom: `parent interface ${parent.name}` };
  try {
    pod.route.change(setLinkUp(link));
  } catch (error) {
    if (!hasErrno(error, EADDRINUSE)) throw error;
    return { address: addresses[0]!, mac: link.mac, seenFrom: `another interface on ${parent.name} of this node` };
  }
  const onNode = detect ? pod.namespace.run(() => findDuplicate(link, addresses)) : undefined;
  if (onNode === undefined) return undefined;
  pod.route.change(setLinkDown(link));
  return { ...onNode, seenFrom: link.name };
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
