import type { IpAddress } from '../../src/domain/values/ip-address';
import type { MacAddress } from '../../src/domain/values/mac-address';
import { arpProbe } from '../packet/arp';
import { duplicateSolicitation } from '../packet/neighbour-discovery';
import type { PacketSockets } from '../packet/packet-sockets';
import { framesUntil } from '../packet/received-frames';
import { type ConflictFrame, readConflictFrame } from './conflict-frame';

/**
 * Asks the LAN once who has the address. Nobody's cache changes.
 *
 * @throws SystemCallError
 */
export function sendProbe(sockets: PacketSockets, address: IpAddress): void {
  const { mac } = sockets.link;
  const frame = address.family === 4 ? arpProbe(mac, address) : duplicateSolicitation(mac, address);
  sockets.send(address.family, frame);
}

export interface ProbeTiming {
  /** How often each address is asked for: a lost frame must not pass for silence. */
  readonly count: number;
  /** From one probe to the next. */
  readonly intervalMilliseconds: number;
  /** After the last probe. */
  readonly waitMilliseconds: number;
}

/**
 * RFC 5227 asks for seconds, for radio links and hosts that start up together. In a data centre a holder's kernel answers
 * in well under a millisecond, but a macvlan interface gets broadcasts and multicasts from a worker thread of its node, which on a node
 * with more work than processors was seen to be 35 ms late. A pod's start waits for this, and takes seconds.
 */
export const PROBE_TIMING: ProbeTiming = { count: 4, intervalMilliseconds: 50, waitMilliseconds: 100 };

/** For a holder on the same node: the worker thread is the same, so the last probe is waited for as long. */
export const LOCAL_PROBE_TIMING: ProbeTiming = { count: 3, intervalMilliseconds: 10, waitMilliseconds: 80 };

/**
 * Asks for addresses again and again, and yields what arrives meanwhile, each frame valid until the next.
 *
 * @param addresses those that are asked for, looked up before each round
 * @throws SystemCallError
 */
export function* probeRounds(
  sockets: PacketSockets,
  addresses: () => readonly IpAddress[],
  timing: ProbeTiming,
): Generator<Uint8Array> {
  for (let round = 1; round <= timing.count; round++) {
    for (const address of addresses()) sendProbe(sockets, address);
    const wait = round < timing.count ? timing.intervalMilliseconds : timing.waitMilliseconds;
    yield* framesUntil(performance.now() + wait, sockets.all);
  }
}

/** Who else has an address, or takes it at this moment. */
export interface Conflict {
  readonly address: IpAddress;
  readonly mac: MacAddress;
}

/**
 * `arping -D` and the kernel's detection of IPv6 duplicates, for all addresses at once: asks the LAN from one interface
 * who has them, and returns at the first conflict.
 *
 * A conflict at the same moment as our start is settled by the MACs, so an interface of a MAC that a holder may have as
 * well (net1's, when derived) does not hear that holder: ask from the parent interface too. The interface has to be up, or
 * this throws; without carrier there is silence, which is not an answer. Whoever goes on to use the addresses does so
 * before the sockets are closed: a rival that asked meanwhile, while that takes its time, would hear nothing.
 *
 * @throws SystemCallError
 */
export function findConflict(
  sockets: PacketSockets,
  addresses: readonly IpAddress[],
  timing: ProbeTiming = PROBE_TIMING,
): Conflict | undefined {
  for (const frame of probeRounds(sockets, () => addresses, timing)) {
    const claim: ConflictFrame | undefined = readConflictFrame(frame, sockets.link.mac, addresses);
    if (claim === undefined) continue;
    const { kind, address, mac } = claim;
    if (kind !== 'yielded') return { address, mac };
    // They may have started after our last probe: tell them.
    sendProbe(sockets, address);
  }
  return undefined;
}

/**
 * Who was heard with an address since the sockets were read: not who only asks for one. It does not wait.
 *
 * @throws SystemCallError
 */
export function pendingConflict(sockets: PacketSockets, addresses: readonly IpAddress[]): Conflict | undefined {
  for (const frame of framesUntil(performance.now(), sockets.all)) {
    const claim = readConflictFrame(frame, sockets.link.mac, addresses);
    if (claim?.kind === 'held') return { address: claim.address, mac: claim.mac };
  }
  return undefined;
}

/**
 * `arping -D` for several addresses at once: who answers for each. It returns when all have, and nobody's cache changes.
 *
 * @returns the MACs by the addresses' texts; none for those that are silent
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
    const claim = readConflictFrame(frame, sockets.link.mac, silent());
    if (claim?.kind === 'held') answers.set(claim.address.text, claim.mac);
    if (answers.size === addresses.length) break;
  }
  return answers;
}
