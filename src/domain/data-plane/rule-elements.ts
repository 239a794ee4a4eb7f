import type { NetworkConfig } from '../router/network-config';
import type { Family } from '../values/ip-address';
import type { MarkedRule } from './marked-rules';
import type { NftMap, NftMarkSet } from './nft-table';

/** The elements of these rules, in the maps of their ports. */
export function ruleMaps(
  { addresses, options }: Pick<NetworkConfig, 'addresses' | 'options'>,
  rules: readonly MarkedRule[],
): NftMap[] {
  return addresses.flatMap(({ cidr: { address } }) => {
    const own = rules.filter(({ rule }) => rule.destination.family === address.family);
    return maps(address.family, own, options.counters);
  });
}

/** The sets of marks whose packets are forwarded, in either direction. */
export function markSets({ options }: Pick<NetworkConfig, 'options'>, marks: readonly number[]): NftMarkSet[] {
  return ['sent', 'received'].map((name) => ({ kind: 'marks', name, counter: options.counters, marks }));
}

/** Name of the map from port to the rule's mark. */
export const marksMap = (family: Family) => `marks${family}`;
/** Name of the map from port to the rule's destination. */
export const redirectMap = (family: Family) => `redirect${family}`;

function maps(family: Family, rules: readonly MarkedRule[], counter: boolean): NftMap[] {
  return [
    {
      kind: 'mark',
      name: marksMap(family),
      elements: rules.map(({ rule: { protocol, port }, mark }) => ({ protocol, port, mark })),
    },
    {
      kind: 'target',
      name: redirectMap(family),
      family,
      counter,
      elements: rules.map(({ rule: { protocol, port, destination: address, targetPort } }) => ({
        protocol,
        port,
        address,
        targetPort,
      })),
    },
  ];
}
