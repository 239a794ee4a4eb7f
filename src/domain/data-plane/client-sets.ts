import type { NetworkConfig } from '../router/network-config';
import type { Family } from '../values/ip-address';
import type { NftClientSet } from './nft-table';

/** Name of the set of clients and the services that they have connections to. */
export const clientSet = (family: Family) => `clients${family}`;

/** The sets in which the kernel counts the connections of each client; none without a limit. */
export function clientSets({ addresses, options }: Pick<NetworkConfig, 'addresses' | 'options'>): NftClientSet[] {
  if (options.connectionsPerClient === undefined) return [];
  return addresses.map(({ cidr: { address } }) => {
    const { family } = address;
    return { kind: 'clients', name: clientSet(family), family };
  });
}
