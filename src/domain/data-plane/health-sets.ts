import type { NetworkConfig } from '../router/network-config';
import type { Family } from '../values/ip-address';
import type { NftSourceSet } from './nft-table';

/**
 * The most connections of one source address to the health port. A kubelet has one for each probe, a scraper one; those
 * of a node share its address. The process has room for four such sources.
 */
export const HEALTH_CONNECTIONS = 64;

/** Name of the set of sources that have connections to the health port. */
export const healthSet = (family: Family) => `health${family}`;

/** The sets in which the kernel counts the connections of each source to the health port; none without such a port. */
export function healthSets({ addresses, options }: Pick<NetworkConfig, 'addresses' | 'options'>): NftSourceSet[] {
  if (options.healthPort === undefined) return [];
  return addresses.map(({ cidr: { address } }) => {
    const { family } = address;
    return { kind: 'sources', name: healthSet(family), family };
  });
}
