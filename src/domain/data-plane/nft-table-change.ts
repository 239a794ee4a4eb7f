import type { NftChain, NftMap, NftSet } from './nft-table';

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
