import type { IpAddress } from '../../src/domain/values/ip-address';
import type { PacketSockets } from '../packet/packet-sockets';
import { framesUntil } from '../packet/received-frames';
import { sendProbe } from './send-probe';

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
