import type { IpAddress } from '../../src/domain/values/ip-address';
import type { MacAddress } from '../../src/domain/values/mac-address';
import type { PacketSockets } from '../packet/packet-sockets';
import { readClaim } from './conflict-frame';
import { PROBE_TIMING, type ProbeTiming, probeRounds } from './probe-rounds';

/**
 * `arping -D` for several addresses at once: who answers for each. It returns when all have, and nobody's cache changes.
 *
 * @returns the MACs by the addresses' texts; none for those that are silent
 * @throws SystemCallError
 */
export function whoAnswers(
  sockets: PacketSockets,
  addresses: readonly IpAddress[],
  timing: ProbeTiming = PROBE_TIMING,
): ReadonlyMap<string, MacAddress> {
  const answers = new Map<string, MacAddress>();
  const silent = () => addresses.filter(({ text }) => !answers.has(text));
  for (const frame of probeRounds(sockets, silent, timing)) {
    const claim = readClaim(frame, sockets.link.mac, silent());
    if (claim?.kind === 'held') answers.set(claim.address.text, claim.mac);
    if (answers.size === addresses.length) break;
  }
  return answers;
}
