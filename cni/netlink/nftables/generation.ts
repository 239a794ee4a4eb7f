import type { NetlinkSocket } from '../socket';
import * as k from './constants';
import { ATTRIBUTES, nftRequest } from './nft-message';

/** Which version of all tables of the namespace is in force: it changes with every transaction, whoever made it. */
export function readGeneration(socket: NetlinkSocket): number {
  const { payload } = socket.get(nftRequest(k.NFT_MSG_GETGEN, 0, 'nft monitor (generation)', () => undefined));
  return payload.attributeMap(ATTRIBUTES).get(k.NFTA_GEN_ID)?.u32be() ?? 0;
}

/** The one after it, if nobody else makes a transaction: a 32-bit number that is never 0. */
export function nextGeneration(generation: number): number {
  return (generation + 1) >>> 0 || 1;
}
