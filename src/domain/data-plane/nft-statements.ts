import { bitsOf, type Cidr, cidr } from '../values/cidr';
import type { Family, IpAddress } from '../values/ip-address';
import type { AddressSide, ConntrackState, NftStatement } from './nft-table';

/*
 * Statements of rules, by the words of nft.
 */

export const ACCEPT: NftStatement = { kind: 'accept' };
export const DROP: NftStatement = { kind: 'drop' };
export const COUNTER: NftStatement = { kind: 'counter' };
export const RETURN: NftStatement = { kind: 'return' };

export const iifname = (name: string): NftStatement => ({ kind: 'iifname', name });
export const oifname = (name: string): NftStatement => ({ kind: 'oifname', name });
export const notIifname = (name: string): NftStatement => ({ kind: 'not-iifname', name });
export const notOifname = (name: string): NftStatement => ({ kind: 'not-oifname', name });
export const nfproto = (family: Family): NftStatement => ({ kind: 'nfproto', family });
export const state = (...states: ConntrackState[]): NftStatement => ({ kind: 'ct-state', states });
export const direction = (name: 'original' | 'reply'): NftStatement => ({ kind: 'ct-direction', direction: name });
export const within = (side: AddressSide, range: Cidr): NftStatement => ({ kind: 'address', side, cidr: range });
export const address = (side: AddressSide, host: IpAddress) => within(side, cidr(host, bitsOf(host.family)));

export const ICMP_NAMES = { 4: 'icmp', 6: 'ipv6-icmp' } as const;
export const IS_ICMPV6: NftStatement = { kind: 'l4proto', protocol: ICMP_NAMES[6] };

/** The pod's programs reach its own addresses by it. */
export const LOOPBACK = 'lo';
