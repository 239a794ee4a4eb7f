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

/** Who else holds a reserved address, and where that was seen. */
export interface Holder extends Conflict {
  readonly seenFrom: string;
}

/** Where the LAN was asked from. */
interface ProbedInterface {
  readonly sockets: PacketSockets;
  readonly name: string;
}

/**
 * Addresses that somebody is about to use. Its sockets stay open, and listen, from the question to the first announcement:
 * another who starts at the same time, and is done first, was silent when it was asked.
 */
export class AddressClaim implements Disposable {
  private interfaces: readonly ProbedInterface[] = [];

  public constructor(private readonly addresses: readonly IpAddress[]) {}

  /** Closes the sockets, and forgets what they heard. */
  public [Symbol.dispose](): void {
    for (const { sockets } of this.interfaces) sockets[Symbol.dispose]();
    this.interfaces = [];
  }

  /** The sockets of the interface that was asked from last; none when nobody was asked. */
  public get sockets(): PacketSockets | undefined {
    return this.interfaces.at(-1)?.sockets;
  }

  /**
   * Asks from one more interface who has the addresses.
   *
   * @param sockets of that interface, which are the claim's from now on
   * @throws SystemCallError
   */
  public probe(sockets: PacketSockets, name: string, timing?: ProbeTiming): Holder | undefined {
    this.interfaces = [...this.interfaces, { sockets, name }];
    const found = findConflict(sockets, this.addresses, timing);
    // They are not read for a while: what else a busy LAN says would fill them.
    if (found === undefined) sockets.filter(this.addresses, holderFilter);
    return found && { ...found, seenFrom: name };
  }

  /**
   * Who was heard with an address since it was asked for. It does not wait.
   *
   * The moment for this is when the kernel answers for the addresses, and before they are announced. Of two that come so far
   * at once, one hears the other's announcement here, unless both look within the time that a frame takes. Behind our own
   * announcement we would hear that as well, where a switch or a bond sends it back: nothing tells it from another router of the
   * same derived MAC.
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

/** How often ADD asks again while somebody else holds the address. */
const RETRY_MILLISECONDS = 100;

/**
 * Takes the link up once nobody else holds an address of the router: an old holder on a drained node is still leaving when
 * the new one starts.
 *
 * It asks from the parent first, with the parent's MAC: the other holder may have the MAC of this link, and a single frame
 * from the link would turn the switches away from it. Then from the link, which alone hears a holder on the same node.
 *
 * @param claim where `detectConflicts` asks, with nobody asked so far
 * @throws CniError with the holder's MAC when it has not left after `conflictWait`
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

/** Takes the link up, unless an interface of its MAC is up on the same parent. */
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

/** Leaves the link up when the addresses are free, and down when somebody else holds one. */
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
 * Refuses addresses that somebody else has taken since the LAN was asked.
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
