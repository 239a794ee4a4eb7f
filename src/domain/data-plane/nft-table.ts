import type { Cidr } from '../values/cidr';
import type { Family, IpAddress } from '../values/ip-address';
import type { Protocol } from '../values/protocol';

/** An nf_tables table of family `inet`, as a plain value: what `nft list table inet NAME` prints. */
export interface NftTable {
  readonly name: string;
  /** Kept by the kernel and printed by `nft`. */
  readonly comment: string;
  /**
   * `flags owner`: the table goes with the netlink socket that made it, and only that socket changes it. Since Linux
   * 5.12. Absent: it stays.
   */
  readonly isOwned?: boolean;
  readonly maps: readonly NftMap[];
  readonly sets: readonly NftSet[];
  readonly chains: readonly NftChain[];
}

/** Maps protocol and destination port of a packet, or what follows from them, to a value. */
export type NftMap = NftMarkMap | NftTargetMap | NftBucketMap | NftMarkTargetMap | NftServiceMap;

/** `map NAME { type inet_proto . inet_service : mark; }` */
export interface NftMarkMap {
  readonly kind: 'mark';
  readonly name: string;
  readonly elements: readonly { readonly protocol: Protocol; readonly port: number; readonly mark: number }[];
}

/** `map NAME { type inet_proto . inet_service : ipv4_addr . inet_service; }`, or `ipv6_addr` */
export interface NftTargetMap {
  readonly kind: 'target';
  readonly name: string;
  readonly family: Family;
  /** Whether each element has a counter. */
  readonly counter: boolean;
  readonly elements: readonly {
    readonly protocol: Protocol;
    readonly port: number;
    readonly address: IpAddress;
    readonly targetPort: number;
  }[];
}

/** `map NAME { type inet_proto . inet_service . mark : mark; }`: by the bucket of the client, too */
export interface NftBucketMap {
  readonly kind: 'bucket';
  readonly name: string;
  readonly elements: readonly {
    readonly protocol: Protocol;
    readonly port: number;
    readonly bucket: number;
    readonly mark: number;
  }[];
}

/** `map NAME { type inet_proto . inet_service . mark : ipv4_addr . inet_service; }`, or `ipv6_addr` */
export interface NftMarkTargetMap {
  readonly kind: 'mark-target';
  readonly name: string;
  readonly family: Family;
  /** Whether each element has a counter. */
  readonly counter: boolean;
  readonly elements: readonly {
    readonly protocol: Protocol;
    readonly port: number;
    readonly mark: number;
    readonly address: IpAddress;
    readonly targetPort: number;
  }[];
}

/**
 * `map NAME { type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service; size SIZE; }`, or `ipv6_addr`: by
 * the destination address, too
 */
export interface NftServiceMap {
  readonly kind: 'service-target';
  readonly name: string;
  readonly family: Family;
  readonly size: number;
  readonly elements: readonly (NftService & { readonly target: IpAddress; readonly targetPort: number })[];
}

export type NftSet = NftMarkSet | NftPortSet | NftServiceSet | NftAddressSet | NftDynamicSet;

/** A set whose elements are no part of what the table is: they come and go with packets, or with time. */
export type NftDynamicSet = NftClientSet | NftSourceSet | NftTimedSet;

/** `set NAME { type inet_proto . inet_service; elements = { KEY comment "COMMENT", … } }` */
export interface NftPortSet {
  readonly kind: 'ports';
  readonly name: string;
  readonly elements: readonly {
    readonly protocol: Protocol;
    readonly port: number;
    /** Kept by the kernel with the element, in ASCII and of at most 128 characters; `nft` prints it. */
    readonly comment?: string;
  }[];
}

/** `set NAME { type mark; elements = { … } }` */
export interface NftMarkSet {
  readonly kind: 'marks';
  readonly name: string;
  readonly counter: boolean;
  readonly marks: readonly number[];
}

/** `set NAME { type inet_proto . ipv4_addr . inet_service; elements = { … } }`, or `ipv6_addr` */
export interface NftServiceSet {
  readonly kind: 'services';
  readonly name: string;
  readonly family: Family;
  readonly elements: readonly NftService[];
}

/** `set NAME { type ipv4_addr; size SIZE; elements = { … } }`, or `ipv6_addr` */
export interface NftAddressSet {
  readonly kind: 'addresses';
  readonly name: string;
  readonly family: Family;
  readonly size: number;
  readonly elements: readonly IpAddress[];
}

/**
 * `set NAME { type ipv4_addr . inet_proto . ipv4_addr . inet_service; flags dynamic; }`, or `ipv6_addr`. A rule adds
 * its elements, with a count of connections each; the kernel removes those without connections.
 */
export interface NftClientSet {
  readonly kind: 'clients';
  readonly name: string;
  readonly family: Family;
}

/** `set NAME { type ipv4_addr; flags dynamic; }`, or `ipv6_addr`: as `NftClientSet`, counted by address alone. */
export interface NftSourceSet {
  readonly kind: 'sources';
  readonly name: string;
  readonly family: Family;
}

/** `set NAME { type inet_proto; flags timeout; }`: the kernel removes each element when its time is over. */
export interface NftTimedSet {
  readonly kind: 'timed-protocols';
  readonly name: string;
}

/** A port of a host. */
export interface NftService {
  readonly protocol: Protocol;
  readonly address: IpAddress;
  readonly port: number;
}

/** Whether the elements of the set are no part of what the table is. */
export function isDynamic(set: NftMap | NftSet): set is NftDynamicSet {
  return set.kind === 'clients' || set.kind === 'sources' || set.kind === 'timed-protocols';
}

/** A base chain. */
export interface NftChain {
  readonly name: string;
  readonly type: 'nat' | 'filter';
  readonly hook: NftHook;
  readonly priority: number;
  readonly policy: 'accept' | 'drop';
  readonly rules: readonly NftRule[];
}

export type NftHook = 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting';

/** Statements from left to right: the first one that does not match ends the rule. */
export type NftRule = readonly NftStatement[];

export type NftStatement =
  /** `meta nfproto ipv4` */
  | { readonly kind: 'nfproto'; readonly family: Family }
  /** `iifname "NAME"` */
  | { readonly kind: 'iifname'; readonly name: string }
  /** `iifname != "NAME"` */
  | { readonly kind: 'not-iifname'; readonly name: string }
  /** `oifname "NAME"` */
  | { readonly kind: 'oifname'; readonly name: string }
  /** `oifname != "NAME"` */
  | { readonly kind: 'not-oifname'; readonly name: string }
  /** `meta pkttype host` */
  | { readonly kind: 'pkttype-host' }
  /** `meta l4proto NAME` */
  | { readonly kind: 'l4proto'; readonly protocol: 'icmp' | 'ipv6-icmp' | 'udp' | 'sctp' }
  /** `meta l4proto != NAME` */
  | { readonly kind: 'l4proto-not'; readonly protocol: 'icmp' | 'ipv6-icmp' }
  /** `icmp type TYPE`, or `icmpv6 type TYPE` */
  | { readonly kind: 'icmp-type'; readonly family: Family; readonly type: IcmpType }
  /** `limit rate NUMBER/second burst NUMBER packets`, or `limit rate over …`: what exceeds it */
  | { readonly kind: 'limit'; readonly isOver: boolean; readonly perSecond: number }
  /** `ip saddr ADDRESS`, or `ip6 daddr ADDRESS/LENGTH` */
  | { readonly kind: 'address'; readonly side: AddressSide; readonly cidr: Cidr }
  /** `ip saddr @SET` */
  | { readonly kind: 'address-in'; readonly family: Family; readonly side: AddressSide; readonly set: string }
  /** `ct original ip daddr @SET`: the destination before its translation */
  | { readonly kind: 'called-in'; readonly family: Family; readonly set: string }
  /** `fib saddr type local`: an address of any interface of the namespace */
  | { readonly kind: 'from-local' }
  /** `fib saddr type != local` */
  | { readonly kind: 'not-from-local' }
  /** `fib daddr . iif type != local`: not an address of the incoming interface */
  | { readonly kind: 'not-to-interface' }
  /** `tcp flags syn / syn,rst`: the first segment of a side */
  | { readonly kind: 'tcp-syn' }
  /** `tcp option maxseg size set rt mtu`: at most what fits into the MTU of both routes */
  | { readonly kind: 'mss-of-route' }
  /** `tcp flags ! syn,rst`: neither of both */
  | { readonly kind: 'tcp-neither-syn-nor-rst' }
  /** `tcp dport PORT` */
  | { readonly kind: 'tcp-dport'; readonly port: number }
  /** `udp dport PORT` */
  | { readonly kind: 'udp-dport'; readonly port: number }
  /** `ct state STATE,STATE` */
  | { readonly kind: 'ct-state'; readonly states: readonly ConntrackState[] }
  /** `ct direction original` */
  | { readonly kind: 'ct-direction'; readonly direction: ConntrackDirection }
  /** `meta l4proto . ip daddr . th dport @SET` */
  | { readonly kind: 'service-in'; readonly family: Family; readonly set: string }
  /** `ct mark != 0x00000000` */
  | { readonly kind: 'ct-marked' }
  /** `add @SET { ip saddr . meta l4proto . ip daddr . th dport ct count over LIMIT }`: of one client to one service */
  | { readonly kind: 'connections-over'; readonly family: Family; readonly set: string; readonly limit: number }
  /** `add @SET { ip saddr ct count over LIMIT }`: of one source */
  | { readonly kind: 'source-over'; readonly family: Family; readonly set: string; readonly limit: number }
  /** `counter` */
  | { readonly kind: 'counter' }
  /** `ct mark @SET` */
  | { readonly kind: 'ct-mark-in'; readonly set: string }
  /** `ct mark & MASK == @SET` */
  | { readonly kind: 'ct-mark-bits-in'; readonly mask: number; readonly set: string }
  /** `ct mark >= MARK` */
  | { readonly kind: 'ct-mark-from-on'; readonly mark: number }
  /** `ct mark set ct mark & MASK` */
  | { readonly kind: 'ct-mark-keep'; readonly mask: number }
  /** `meta l4proto @SET` */
  | { readonly kind: 'l4proto-in'; readonly set: string }
  /** `ct mark set meta l4proto . th dport map @MAP` */
  | { readonly kind: 'ct-mark-from'; readonly map: string }
  /** `meta l4proto . th dport @SET` */
  | { readonly kind: 'port-in'; readonly set: string }
  /**
   * `ct mark set jhash ip saddr mod MODULUS seed SEED offset OFFSET`: the bucket of the client. Without a seed of its
   * own, the kernel draws one for each rule, so that two rules, or two routers, disagree.
   */
  | {
      readonly kind: 'ct-mark-bucket';
      readonly family: Family;
      readonly modulus: number;
      readonly seed: number;
      readonly offset: number;
    }
  /** `ct mark set meta l4proto . th dport . ct mark map @MAP` */
  | { readonly kind: 'ct-mark-from-bucket'; readonly map: string }
  /** `dnat ip to meta l4proto . th dport . ct mark map @MAP` */
  | { readonly kind: 'dnat-from-mark'; readonly family: Family; readonly map: string }
  /** `ct mark set MARK` */
  | { readonly kind: 'ct-mark'; readonly mark: number }
  /** `dnat ip to meta l4proto . th dport map @MAP` */
  | { readonly kind: 'dnat-from'; readonly family: Family; readonly map: string }
  /** `dnat ip to ip daddr . meta l4proto . th dport map @MAP` */
  | { readonly kind: 'dnat-from-service'; readonly family: Family; readonly map: string }
  /** `dnat ip to ADDRESS` */
  | { readonly kind: 'dnat'; readonly address: IpAddress }
  /** `snat ip to ADDRESS fully-random` */
  | { readonly kind: 'snat'; readonly address: IpAddress }
  /** `masquerade fully-random` */
  | { readonly kind: 'masquerade' }
  /** `reject with tcp reset` */
  | { readonly kind: 'reject-reset' }
  /** `reject`: by ICMP port unreachable */
  | { readonly kind: 'reject-port' }
  | { readonly kind: 'accept' }
  | { readonly kind: 'drop' }
  | { readonly kind: 'return' };

export type IcmpType = 'echo-request' | 'nd-neighbor-solicit' | 'nd-neighbor-advert' | 'mld-listener-query';

export type AddressSide = 'saddr' | 'daddr';

export type ConntrackState = 'invalid' | 'established' | 'related' | 'new' | 'untracked';

/** Whether a packet has the direction of the connection's first one. */
export type ConntrackDirection = 'original' | 'reply';
