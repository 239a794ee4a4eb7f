import type { NftMap, NftSet } from './nft-table';

/** Room for rules that are added later, where there are few. */
const LEAST = 1024;

/**
 * How many elements a map or a set is made for: `size`.
 *
 * With a size the kernel takes a table of fixed length. Without one it grows the table again and again while elements
 * arrive, which doubles the time of loading: 10,000 rules 55 ms instead of 30, 1,000 rules 4.7 ms instead of 2.7. A bucket
 * costs 8 bytes. Rules that are added later have room for as many again; beyond that the kernel says ENFILE, and the table
 * has to be made anew.
 */
export function nftSetCapacity(set: NftMap | NftSet): number {
  const count = 'marks' in set ? set.marks.length : set.elements.length;
  return Math.max(LEAST, 2 * count);
}
