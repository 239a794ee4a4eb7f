import type { Family, IpAddress } from '../values/ip-address';
import type { Protocol } from '../values/protocol';

/** An nf_tables table of family `inet`, as a plain value: what `nft list table inet NAME` prints. */
export interface NftTable {
  readonly name: string;
  /** Kept by the kernel and printed by `nft`. */
  readonly comment: string;
  readonly maps: readonly NftMap[];
  readonly sets: readonly NftSet[];
  readonly chains: readonly NftChain[];
}

/** Maps protocol and destination port of a packet to a value. */
export type NftMap = NftMarkMap | NftTargetMap;

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

/** `set NAME { type mark; elements = { … } }` */
export interface NftSet {
  readonly name: string;
  readonly counter: boolean;
  readonly marks: readonly number[];
}

/** A change of a table, applied in one transaction. */
export interface NftTableChange {
  readonly table: string;
  /** Elements to delete, in their maps and sets. */
  readonly remove: readonly (NftMap | NftSet)[];
  /** Elements to add; a deleted element may be added with another value. */
  readonly add: readonly (NftMap | NftSet)[];
  /** Chains whose rules are replaced. */
  readonly chains: readonly NftChain[];
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
  /** `oifname "NAME"` */
  | { readonly kind: 'oifname'; readonly name: string }
  /** `meta pkttype host` */
  | { readonly kind: 'pkttype-host' }
  /** `meta l4proto NAME` */
  | { readonly kind: 'l4proto'; readonly protocol: 'icmp' | 'ipv6-icmp' }
  /** `tcp dport PORT` */
  | { readonly kind: 'tcp-dport'; readonly port: number }
  /** `ct state STATE,STATE` */
  | { readonly kind: 'ct-state'; readonly states: readonly ConntrackState[] }
  /** `ct direction original` */
  | { readonly kind: 'ct-direction'; readonly direction: ConntrackDirection }
  /** `ct mark @SET` */
  | { readonly kind: 'ct-mark-in'; readonly set: string }
  /** `ct mark set meta l4proto . th dport map @MAP` */
  | { readonly kind: 'ct-mark-from'; readonly map: string }
  /** `ct mark set MARK` */
  | { readonly kind: 'ct-mark'; readonly mark: number }
  /** `dnat ip to meta l4proto . th dport map @MAP` */
  | { readonly kind: 'dnat-from'; readonly family: Family; readonly map: string }
  /** `dnat ip to ADDRESS` */
  | { readonly kind: 'dnat'; readonly address: IpAddress }
  /** `snat ip to ADDRESS fully-random` */
  | { readonly kind: 'snat'; readonly address: IpAddress }
  | { readonly kind: 'accept' }
  | { readonly kind: 'drop' }
  | { readonly kind: 'return' };

export type ConntrackState = 'invalid' | 'established' | 'related' | 'new';

/** Whether a packet has the direction of the connection's first one. */
export type ConntrackDirection = 'original' | 'reply';
