import type { DataPlane } from '../../src/domain/data-plane/data-plane';
import type { NetworkConfig } from '../../src/domain/router/network-config';
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
import { ARP_FORMS } from './announce';
import { type ArpPace, TURN_PATIENCE } from './arp-pace';
import { holderFilter } from './holder-filter';
import { holderKind } from './holder-kind';
import { NODE_ARP_RATE_FILE } from './node-arp-rate';
import { type NodeSenders, nodeSenders } from './node-senders';
import {
  type Conflict,
  findConflict,
  LOCAL_PROBE_TIMING,
  PROBE_TIMING,
  type ProbeTiming,
  pendingConflict,
} from './probe';

/** Another holder of a reserved address, and the interface that saw it. */
export interface Holder extends Conflict {
  readonly seenFrom: string;
  /** Whether it is another interface on the same parent. */
  readonly isOnNode?: true;
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

  /** ARP frames that were sent from all interfaces. */
  public get sentArpFrames(): number {
    return this.interfaces.reduce((sum, { sockets }) => sum + sockets.sentArpFrames, 0);
  }

  /**
   * Probes the addresses from one more interface.
   *
   * @param sockets of that interface; the claim closes them
   * @param senders addresses of the node on that interface
   * @throws SystemCallError
   */
  public probe(
    sockets: PacketSockets,
    name: string,
    timing: ProbeTiming,
    senders: NodeSenders = new Map(),
  ): Holder | undefined {
    this.interfaces = [...this.interfaces, { sockets, name }];
    const found = findConflict(sockets, this.addresses, timing, senders);
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

/**
 * Milliseconds between attempts while another host holds the address, the last one for all further attempts: soon after
 * the first, because the holder may be leaving, and then once a second. RFC 5227 slows down, too.
 */
const RETRY_MILLISECONDS = [100, 250, 500, 1000] as const;

/** The router that claims its addresses, and where. */
export interface ClaimContext {
  /** A socket of the node's namespace. */
  readonly host: NetlinkSocket;
  readonly parent: Link;
  readonly pod: Pod;
  readonly plane: DataPlane;
  readonly link: Link;
  readonly config: NetworkConfig;
  readonly pace: ArpPace;
  /** A new claim, if `detectConflicts` is on. */
  readonly claim: AddressClaim;
}

/**
 * Sets the link up once no other host holds an address of the router: an old holder on a drained node may still be
 * leaving when the new one starts.
 *
 * It probes from the parent first, with the parent's MAC: the other holder may have this link's MAC, and a single frame
 * from the link would redirect the switches. Then from the link, the only one to reach a holder on the same node.
 *
 * @throws CniError with the holder's MAC if it still holds the address after `conflictWait`, or if the turn of its
 * frames does not come
 */
export function claimAddresses(context: ClaimContext): void {
  const { config, pace, claim } = context;
  const { detectConflicts, conflictWait } = config.options;
  const frames = arpFrames(context);
  if (!pace.take(frames)) throw noTurn();
  const deadline = performance.now() + conflictWait * 1000;
  const remaining = () => Math.max(0, deadline - performance.now());
  for (let attempt = 0; ; attempt++) {
    const holder = detectConflicts ? probeAndTakeUp(context) : takeLinkUp(context);
    if (holder === undefined) return;
    if (detectConflicts) pace.giveBack(frames - claim.sentArpFrames - QUESTION_FRAMES);
    claim[Symbol.dispose]();
    if (remaining() === 0) throw conflictError(context, holder);
    waitForInput([], Math.min(remaining(), RETRY_MILLISECONDS[attempt] ?? RETRY_MILLISECONDS.at(-1)!));
    if (detectConflicts && !pace.take(frames, remaining())) throw conflictError(context, holder);
  }
}

/** ARP frames that `conflictError` sends: each attempt keeps them, because its announcements are not sent. */
const QUESTION_FRAMES = 1;

/** ARP frames from the first probe to the last announcement, if no other host answers. */
function arpFrames({ plane: { addresses, announcements }, config }: ClaimContext): number {
  const ipv4 = addresses.filter(({ address }) => address.family === 4).length;
  // Without sockets, the kernel announces.
  if (!config.options.detectConflicts) return ipv4 * announcements;
  return ipv4 * (PROBE_TIMING.count + LOCAL_PROBE_TIMING.count + announcements * ARP_FORMS);
}

function noTurn(): CniError {
  return new CniError(
    CODES.TRY_AGAIN_LATER,
    `no turn to send ARP frames within ${TURN_PATIENCE / 1000} s: too many routers start on this node at once`,
    `${NODE_ARP_RATE_FILE} on the node may have a higher number of ARP frames a second`,
  );
}

/** Sets the link up, unless an interface of its MAC is up on the same parent. */
function takeLinkUp({ pod, plane: { addresses }, parent, link }: ClaimContext): Holder | undefined {
  try {
    pod.route.change(setLinkUp(link));
    return undefined;
  } catch (error) {
    if (!hasErrno(error, EADDRINUSE)) throw error;
    const seenFrom = `another interface on ${parent.name} of this node`;
    return { address: addresses[0]!.address, mac: link.mac, seenFrom, isOnNode: true };
  }
}

/** Leaves the link up if the addresses are free, and down if another host holds one. */
function probeAndTakeUp(context: ClaimContext): Holder | undefined {
  const { pod, plane, parent, link, claim, host, pace } = context;
  const addresses = plane.addresses.map(({ address }) => address);
  const senders = nodeSenders(host, parent, plane.addresses);
  const from = `parent interface ${parent.name}`;
  const elsewhere =
    claim.probe(PacketSockets.open(parent, addresses), from, spaced(PROBE_TIMING, pace), senders) ??
    takeLinkUp(context);
  if (elsewhere !== undefined) return elsewhere;
  const sockets = pod.namespace.run(() => PacketSockets.open(link, addresses));
  const onNode = claim.probe(sockets, link.name, spaced(LOCAL_PROBE_TIMING, pace));
  if (onNode !== undefined) pod.route.change(setLinkDown(link));
  return onNode && { ...onNode, isOnNode: true };
}

function spaced(timing: ProbeTiming, { spacing }: ArpPace): ProbeTiming {
  return { ...timing, intervalMilliseconds: Math.max(timing.intervalMilliseconds, spacing) };
}

/** Asks the LAN once more, with `QUESTION_FRAMES`, what the answering MAC belongs to. */
function conflictError({ host, parent, config, link }: ClaimContext, holder: Holder): CniError {
  const { address, mac, seenFrom, isOnNode } = holder;
  const waited = `probed for ${config.options.conflictWait} s (conflictWait)`;
  const held = `${address.text} is held by another host: ${mac} answers`;
  const seen = `(seen from ${seenFrom})`;
  if (isOnNode) return new CniError(CODES.ADDRESS_CONFLICT, `${held} ${seen}`, waited);
  const { cause, wayOut } = holderKind(holder, { host, parent, macAddress: link.mac, reserved: config.addresses });
  const text = cause === '' ? `${held} ${seen}` : `${held}, ${cause} ${seen}`;
  return new CniError(CODES.ADDRESS_CONFLICT, text, `${waited}; ${wayOut}`);
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
