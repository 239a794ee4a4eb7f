import type { IpAddress } from '../values/ip-address';

/** Clients fall into this many buckets, by a hash of their address. */
export const BUCKETS = 64;

/**
 * The address of each bucket, by rendezvous hashing: the bucket gets the address that has the highest weight with it.
 * So an address that comes takes its share from all others, one that goes leaves only its own, and the order of the
 * addresses does not matter. Two routers with the same addresses, or one after a restart, agree.
 *
 * @param addresses different ones
 * @returns BUCKETS addresses; none without addresses
 */
export function spread(addresses: readonly IpAddress[]): readonly IpAddress[] {
  if (addresses.length === 0) return [];
  const hashes = addresses.map((address) => ({ address, hash: hashOf(address.bytes) }));
  return Array.from({ length: BUCKETS }, (_, bucket) => {
    let best: { readonly address: IpAddress; readonly weight: number } | undefined;
    for (const { address, hash } of hashes) {
      const weight = mixed(hash ^ Math.imul(bucket + 1, 0x9e3779b1));
      const isHigher =
        best === undefined || weight > best.weight || (weight === best.weight && address.text < best.address.text);
      if (isHigher) best = { address, weight };
    }
    return best!.address;
  });
}

/** FNV-1a, 32 bits. */
function hashOf(bytes: readonly number[]): number {
  let hash = 0x811c9dc5;
  for (const octet of bytes) hash = Math.imul(hash ^ octet, 0x01000193);
  return hash;
}

/** The finalizer of MurmurHash3: every bit of the input changes half of the output's. */
function mixed(hash: number): number {
  let bits = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
