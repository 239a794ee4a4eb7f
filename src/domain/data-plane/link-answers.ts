import type { ReservedAddress } from '../router/reserved-address';
import { type Cidr, cidr } from '../values/cidr';
import { type Family, fromBytes } from '../values/ip-address';
import type { IcmpType, NftRule, NftStatement } from './nft-table';
import { subnetOnLink } from './routing';

export const IPV6_LINK_LOCAL = cidr(fromBytes([0xfe, 0x80, ...new Array<number>(14).fill(0)]), 10);

/**
 * How many new packets a second the link answers to hosts on the link, and pings to all. An answer makes the kernel ask
 * for the neighbour, whatever address the question pretends: all pods of a node share 1,024 places for neighbours, and
 * a silent one takes its place for seconds.
 */
export const ANSWERS_PER_SECOND = 50;

/** What IPv6 needs on a link: neighbour discovery, and the question of switches for multicast groups. */
const NEIGHBOURS: readonly IcmpType[] = ['nd-neighbor-solicit', 'nd-neighbor-advert', 'mld-listener-query'];

/** The bound for answers of any kind to hosts on the link; others are reached by the gateway, a single neighbour. */
export function boundOfAnswers(link: NftStatement, reserved: ReservedAddress): NftRule[] {
  const subnet = subnetOnLink(reserved);
  const onLink: Cidr[] = [
    ...(subnet === undefined ? [] : [subnet]),
    ...(reserved.cidr.address.family === 6 ? [IPV6_LINK_LOCAL] : []),
  ];
  return onLink.map(
    (range): NftRule => [
      link,
      { kind: 'ct-state', states: ['new'] },
      { kind: 'address', side: 'saddr', cidr: range },
      { kind: 'limit', isOver: true, perSecond: ANSWERS_PER_SECOND },
      { kind: 'drop' },
    ],
  );
}

/**
 * The ICMP packets that the link accepts besides those of known connections, by type: the kernel answers others, such
 * as those that ask for the time.
 */
export function acceptedIcmp(link: NftStatement, family: Family): NftRule[] {
  const isOf = (type: IcmpType): NftStatement => ({ kind: 'icmp-type', family, type });
  return [
    [link, isOf('echo-request'), { kind: 'limit', isOver: false, perSecond: ANSWERS_PER_SECOND }, { kind: 'accept' }],
    ...(family === 6 ? NEIGHBOURS.map((type): NftRule => [link, isOf(type), { kind: 'accept' }]) : []),
  ];
}
