import type { FamilyPart } from './family-part';
import { IPV6_LINK_LOCAL } from './link-answers';
import {
  ACCEPT,
  address,
  DROP,
  direction,
  IS_ICMPV6,
  LOOPBACK,
  nfproto,
  notOifname,
  state,
  within,
} from './nft-statements';
import type { NftChain, NftRule, NftStatement } from './nft-table';
import { ownSet } from './own-services';

/**
 * What processes of the pod may send by net1: answers from its own addresses, neighbour discovery, and to the services
 * that the configuration names. The rules bind the reserved address, not only its clients; no user, group or mark
 * decides. So it leaves by net1 only: any process may bind a socket to it and to another interface, which would even
 * ask for neighbours in its name.
 *
 * An answer belongs to a connection that another host began. Any process may send from an IPv6 address that the pod
 * does not have (IPV6_FREEBIND): without its rule, a packet to itself, from the address of a host, would make that
 * host's connection, and everything sent to the host an answer. Neighbour discovery, which conntrack does not track,
 * precedes it, because an interface without an address asks from `::`.
 */
export function outputChain(parts: readonly FamilyPart[], link: string): NftChain {
  const hasIpv6 = parts.some(({ family }) => family === 6);
  return {
    name: 'output',
    type: 'filter',
    hook: 'output',
    priority: 0,
    policy: 'accept',
    rules: [
      ...parts.map(
        ({ reserved }): NftRule => [address('saddr', reserved), notOifname(link), notOifname(LOOPBACK), DROP],
      ),
      ...(hasIpv6
        ? [
            [state('untracked'), IS_ICMPV6, ACCEPT],
            [nfproto(6), { kind: 'not-from-local' as const }, DROP],
          ]
        : []),
      [notOifname(link), ACCEPT],
      ...parts.flatMap(({ family, reserved, fallback }): NftRule[] => [
        ...answers(address('saddr', reserved)),
        // The link's own, which a host of the LAN can ping.
        ...(family === 6 ? answers(within('saddr', IPV6_LINK_LOCAL)) : []),
        [{ kind: 'service-in', family, set: ownSet(family) }, ACCEPT],
        ...(fallback === undefined ? [] : [[address('daddr', fallback.address), ACCEPT]]),
      ]),
      [DROP],
    ],
  };
}

/** Packets of connections that other hosts began, and ICMP errors about known ones. */
function answers(fromOwn: NftStatement): NftRule[] {
  return [
    [fromOwn, direction('reply'), ACCEPT],
    [fromOwn, state('related'), ACCEPT],
  ];
}
