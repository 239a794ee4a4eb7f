import type { IpAddress } from '../../src/config/ip-address';
import type { MacAddress } from '../../src/config/mac-address';
import { type Claim, readClaim } from './claim';
import type { PacketSockets } from './packet-sockets';
import { sendProbe } from './probe';
import { framesUntil } from './received-frames';

/** Who else has an address, or takes it at this moment. */
export interface Conflict {
  readonly address: IpAddress;
  readonly mac: MacAddress;
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
export function findDuplicate(
  sockets: PacketSockets,
  addresses: readonly IpAddress[],
  timing: ProbeTiming = PROBE_TIMING,
): Conflict | undefined {
  for (let round = 1; round <= timing.count; round++) {
    for (const address of addresses) sendProbe(sockets, address);
    const wait = round < timing.count ? timing.intervalMilliseconds : timing.waitMilliseconds;
    const conflict = listen(sockets, addresses, performance.now() + wait);
    if (conflict !== undefined) return conflict;
  }
  return undefined;
}

function listen(sockets: PacketSockets, addresses: readonly IpAddress[], deadline: number): Conflict | undefined {
  for (const frame of framesUntil(deadline, sockets.all)) {
    const claim: Claim | undefined = readClaim(frame, sockets.link.mac, addresses);
    if (claim === undefined) continue;
    const { kind, address, mac } = claim;
    if (kind !== 'yielded') return { address, mac };
    // They may have started after our last probe: tell them.
    sendProbe(sockets, address);
  }
  return undefined;
}
