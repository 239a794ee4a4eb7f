import type { IpAddress } from '../../src/domain/values/ip-address';
import type { MacAddress } from '../../src/domain/values/mac-address';
import { arpProbe, arpRequest } from '../packet/arp';
import { duplicateSolicitation, neighbourSolicitation } from '../packet/neighbour-discovery';
import type { FrameSender, PacketSockets } from '../packet/packet-sockets';
import { framesUntil } from '../packet/received-frames';
import { type ConflictFrame, readConflictFrame } from './conflict-frame';
import type { NodeSenders } from './node-senders';

/**
 * Probes once for the address, without changing the caches of other hosts.
 *
 * @throws SystemCallError
 */
export function sendProbe(sockets: FrameSender, address: IpAddress): void {
  const { mac } = sockets.link;
  const frame = address.family === 4 ? arpProbe(mac, address) : duplicateSolicitation(mac, address);
  sockets.send(address.family, frame);
}

/**
 * Asks once for the address as any host does, from an address of the node. Port security of OVN and ML2/OVS drops ARP
 * whose sender is 0.0.0.0, so a probe alone would take a held address for a free one. The caches of other hosts learn
 * the node's own address and MAC, which is the truth.
 *
 * @throws SystemCallError
 */
export function sendRequest(sockets: PacketSockets, source: IpAddress, address: IpAddress): void {
  const { mac } = sockets.link;
  const frame =
    address.family === 4 ? arpRequest({ mac, address: source }, address) : neighbourSolicitation(mac, source, address);
  sockets.send(address.family, frame);
}

/** Asks in the first form, and in each second round in the other one, if the node has a sender for it. */
function sendQuestion(sockets: PacketSockets, address: IpAddress, round: number, senders: NodeSenders): void {
  const source = round % 2 === 0 ? senders.get(address.family) : undefined;
  if (source === undefined) sendProbe(sockets, address);
  else sendRequest(sockets, source, address);
}

export interface ProbeTiming {
  /** The number of probes for each address: a lost frame must not count as silence. */
  readonly count: number;
  /** Milliseconds between probes. */
  readonly intervalMilliseconds: number;
  /** Milliseconds to wait after the last probe. */
  readonly waitMilliseconds: number;
}

const NO_SENDERS: NodeSenders = new Map();

/**
 * RFC 5227 requires seconds, for radio links and hosts that start together. In a data center a holder's kernel answers
 * in well under a millisecond, but a macvlan interface gets broadcasts and multicasts from a worker thread of its node,
 * which was up to 35 ms late on an overloaded node. The start of a pod waits for this.
 */
export const PROBE_TIMING: ProbeTiming = { count: 4, intervalMilliseconds: 30, waitMilliseconds: 80 };

/** For a holder on the same node: the worker thread is the same, so the wait after the last probe is as long. */
export const LOCAL_PROBE_TIMING: ProbeTiming = { count: 2, intervalMilliseconds: 10, waitMilliseconds: 80 };

/**
 * Probes addresses repeatedly, and yields the frames received meanwhile, each valid until the next.
 *
 * @param senders addresses of the node on the interface, to ask in both forms
 * @param addresses the addresses to probe, read before each round
 * @throws SystemCallError
 */
export function* probeRounds(
  sockets: PacketSockets,
  addresses: () => readonly IpAddress[],
  timing: ProbeTiming,
  senders: NodeSenders = NO_SENDERS,
): Generator<Uint8Array> {
  for (let round = 1; round <= timing.count; round++) {
    for (const address of addresses()) sendQuestion(sockets, address, round, senders);
    const wait = round < timing.count ? timing.intervalMilliseconds : timing.waitMilliseconds;
    yield* framesUntil(performance.now() + wait, sockets.all);
  }
}

/** Another host that has an address, or is claiming it at this moment. */
export interface Conflict {
  readonly address: IpAddress;
  readonly mac: MacAddress;
}

/**
 * Probes all addresses at once from one interface, like `arping -D` and IPv6 duplicate address detection, and returns
 * at the first conflict.
 *
 * The MACs decide a conflict with a host that starts at the same moment, so an interface whose MAC the holder may share
 * (net1's, if derived) does not detect that holder: probe from the parent interface, too. The interface must be up,
 * else this throws; without a carrier there is silence, which does not mean that the address is free. Use the addresses
 * before closing the sockets: closing takes time, in which another host's probe would get no answer.
 *
 * @throws SystemCallError
 */
export function findConflict(
  sockets: PacketSockets,
  addresses: readonly IpAddress[],
  timing: ProbeTiming = PROBE_TIMING,
  senders: NodeSenders = NO_SENDERS,
): Conflict | undefined {
  for (const frame of probeRounds(sockets, () => addresses, timing, senders)) {
    const conflict: ConflictFrame | undefined = readConflictFrame(frame, sockets.link.mac, addresses);
    if (conflict === undefined) continue;
    const { kind, address, mac } = conflict;
    if (kind !== 'yielded') return { address, mac };
    // The other host may have started after our last probe: send another.
    sendProbe(sockets, address);
  }
  return undefined;
}

/**
 * Returns a holder that was heard since the sockets were last read, without waiting; probes of other hosts do not
 * count.
 *
 * @throws SystemCallError
 */
export function pendingConflict(sockets: PacketSockets, addresses: readonly IpAddress[]): Conflict | undefined {
  for (const frame of framesUntil(performance.now(), sockets.all)) {
    const conflict = readConflictFrame(frame, sockets.link.mac, addresses);
    if (conflict?.kind === 'held') return { address: conflict.address, mac: conflict.mac };
  }
  return undefined;
}

/**
 * Finds the holders of several addresses at once, like `arping -D`. Returns when all have answered; no host's cache
 * changes.
 *
 * @returns the MACs by the addresses' texts, without silent addresses
 * @throws SystemCallError
 */
export function findHolders(
  sockets: PacketSockets,
  addresses: readonly IpAddress[],
  timing: ProbeTiming = PROBE_TIMING,
): ReadonlyMap<string, MacAddress> {
  const answers = new Map<string, MacAddress>();
  const silent = () => addresses.filter(({ text }) => !answers.has(text));
  for (const frame of probeRounds(sockets, silent, timing)) {
    const conflict = readConflictFrame(frame, sockets.link.mac, silent());
    if (conflict?.kind === 'held') answers.set(conflict.address.text, conflict.mac);
    if (answers.size === addresses.length) break;
  }
  return answers;
}
