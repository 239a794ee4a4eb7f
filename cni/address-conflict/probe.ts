import type { IpAddress } from '../../src/domain/values/ip-address';
import type { MacAddress } from '../../src/domain/values/mac-address';
import type { PacketSockets } from '../packet/packet-sockets';
import { framesUntil } from '../packet/received-frames';
import { type Claim, readClaim } from './conflict-frame';
import { PROBE_TIMING, type ProbeTiming, probeRounds } from './probe-rounds';
import { sendProbe } from './send-probe';

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
export function findDuplicate(
  sockets: PacketSockets,
  addresses: readonly IpAddress[],
  timing: ProbeTiming = PROBE_TIMING,
): Conflict | undefined {
  for (const frame of probeRounds(sockets, () => addresses, timing)) {
    const claim: Claim | undefined = readClaim(frame, sockets.link.mac, addresses);
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
export function findHolder(sockets: PacketSockets, addresses: readonly IpAddress[]): Conflict | undefined {
  for (const frame of framesUntil(performance.now(), sockets.all)) {
    const claim = readClaim(frame, sockets.link.mac, addresses);
    if (claim?.kind === 'held') return { address: claim.address, mac: claim.mac };
  }
  return undefined;
}
