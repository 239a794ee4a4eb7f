import type { NetworkConfig } from '../router/network-config';
import { HELD_BIT, RULE_BITS } from './held-mark';
import { DROP, direction, iifname, oifname, state } from './nft-statements';
import type { NftRule, NftStatement, NftTimedSet } from './nft-table';
import type { RouterInterfaces } from './router-interfaces';

/** Name of the set of protocols that are held: while it has them, a takeover is not over. */
export const HELD_SET = 'held';

const IS_HELD: NftStatement = { kind: 'ct-mark-from-on', mark: HELD_BIT };
const IN_HOLD: NftStatement = { kind: 'l4proto-in', set: HELD_SET };

/** Whether two pods share the router. */
type Pair = Pick<NetworkConfig, 'standbyMac'>;

/** The set that a takeover fills for a second; none for a router of one pod. */
export function holdSets({ standbyMac }: Pair): NftTimedSet[] {
  return standbyMac === undefined ? [] : [{ kind: 'timed-protocols', name: HELD_SET }];
}

/**
 * A server's packet that passes before the client's node knows the new pod arrives with that pod's address as its
 * source: the client's kernel knows no such connection, and its reset ends the server's side. So the answers wait for
 * the client's first packet, which shows that its node knows, or for the end of the hold.
 */
export function holdRules({ standbyMac }: Pair, { primary, link }: RouterInterfaces): NftRule[] {
  if (standbyMac === undefined) return [];
  return [
    [iifname(primary), oifname(link), direction('original'), IS_HELD, { kind: 'ct-mark-keep', mask: RULE_BITS }],
    [iifname(link), oifname(primary), direction('reply'), IS_HELD, IN_HOLD, DROP],
  ];
}

/** What servers send passes by the mark of the rule; that of a connection whose client has not spoken is held still. */
export function receivedMark({ standbyMac }: Pair, set: string): NftStatement {
  return standbyMac === undefined ? { kind: 'ct-mark-in', set } : { kind: 'ct-mark-bits-in', mask: RULE_BITS, set };
}

/** A server's packet of a connection that is not known here yet must not be answered: it would end what lives. */
export function holdOfAnswers({ standbyMac }: Pair, link: string): NftRule[] {
  return standbyMac === undefined ? [] : [[iifname(link), state('new'), IN_HOLD, DROP]];
}
