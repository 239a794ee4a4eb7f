import type { IpAddress } from '../../src/config/ip-address';
import type { MacAddress } from '../../src/config/mac-address';
import { readClaim } from './claim';
import { PROBE_TIMING, type ProbeTiming } from './duplicate-address';
import type { PacketSockets } from './packet-sockets';
import { sendProbe } from './probe';
import { framesUntil } from './received-frames';

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
  for (let round = 1; round <= timing.count; round++) {
    for (const address of silent()) sendProbe(sockets, address);
    const wait = round < timing.count ? timing.intervalMilliseconds : timing.waitMilliseconds;
    for (const frame of framesUntil(performance.now() + wait, sockets.all)) {
      const claim = readClaim(frame, sockets.link.mac, silent());
      if (claim?.kind === 'held') answers.set(claim.address.text, claim.mac);
      if (answers.size === addresses.length) return answers;
    }
  }
  return answers;
}
