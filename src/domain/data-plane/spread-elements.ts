import { BUCKETS, spread } from '../names/spread';
import type { NetworkConfig } from '../router/network-config';
import type { Family } from '../values/ip-address';
import { HELD_BIT } from './held-mark';
import { nameInTable } from './name-in-table';
import type { NftBucketMap, NftMap, NftMarkTargetMap, NftPortSet, NftRule } from './nft-table';
import { admittedTargets, type PortSpread } from './port-spread';

/** Name of the set of ports whose clients are spread. */
export const spreadSet = (family: Family) => `spread${family}`;
/** Name of the map from port and bucket to the destination's mark. */
export const bucketsMap = (family: Family) => `buckets${family}`;
/** Name of the map from port and mark to the destination. */
export const targetsMap = (family: Family) => `targets${family}`;

/** A bucket is never the mark of a rule. It stays in the mark within one rule, before a connection could be held. */
const FIRST_BUCKET = HELD_BIT;

/** Any number, but one and the same for ever: another would move clients to other destinations. */
const SEED = 1;

/**
 * Spreads the clients of a family. The rules follow the look-ups of plain ports, which end the chain, so that those
 * cost the same. A port without destinations has no buckets: its packets reach the second rule, which takes the bucket
 * from the mark again and leaves them to the pod itself. It refuses them, and no fallback takes them.
 */
export function spreadRules(family: Family): NftRule[] {
  const isSpread = { kind: 'port-in', set: spreadSet(family) } as const;
  return [
    [
      isSpread,
      { kind: 'ct-mark-bucket', family, modulus: BUCKETS, seed: SEED, offset: FIRST_BUCKET },
      { kind: 'ct-mark-from-bucket', map: bucketsMap(family) },
      { kind: 'dnat-from-mark', family, map: targetsMap(family) },
    ],
    [{ kind: 'nfproto', family }, isSpread, { kind: 'ct-mark', mark: 0 }, { kind: 'return' }],
  ];
}

/**
 * The elements of spreads of one family. A retired destination has no bucket. A port has its host's name as a comment,
 * by which a process that starts knows whose addresses the kernel has.
 */
export interface SpreadElements {
  readonly ports: NftPortSet;
  readonly buckets: NftBucketMap;
  readonly targets: NftMarkTargetMap;
}

export function spreadElements(family: Family, spreads: readonly PortSpread[], counter: boolean): SpreadElements {
  const own = spreads.filter((each) => each.family === family);
  return {
    ports: {
      kind: 'ports',
      name: spreadSet(family),
      elements: own.map(({ protocol, port, host }) => ({ protocol, port, comment: host && nameInTable(host) })),
    },
    buckets: { kind: 'bucket', name: bucketsMap(family), elements: own.flatMap(bucketElements) },
    targets: { kind: 'mark-target', name: targetsMap(family), family, counter, elements: own.flatMap(targetElements) },
  };
}

/** The maps and sets of a router that resolves hosts; none without a resolver. */
export function spreadParts(
  { addresses, options, resolver }: Pick<NetworkConfig, 'addresses' | 'options' | 'resolver'>,
  spreads: readonly PortSpread[],
): { readonly maps: readonly NftMap[]; readonly sets: readonly NftPortSet[] } {
  if (resolver === undefined) return { maps: [], sets: [] };
  const parts = addresses.map(({ cidr: { address } }) => spreadElements(address.family, spreads, options.counters));
  return {
    maps: parts.flatMap(({ buckets, targets }) => [buckets, targets]),
    sets: parts.map(({ ports }) => ports),
  };
}

/** What a change of spreads removes from their maps and sets, and adds to them. */
export interface SpreadElementChange {
  readonly remove: readonly (NftMap | NftPortSet)[];
  readonly add: readonly (NftMap | NftPortSet)[];
}

/**
 * The change of the elements of some spreads: of a port that stays, only the buckets that move.
 *
 * @param before as they are, those that go included
 * @param after as they become, those that come included
 */
export function spreadElementChange(
  before: readonly PortSpread[],
  after: readonly PortSpread[],
  counter: boolean,
): SpreadElementChange {
  const changes = ([4, 6] as const).map((family) => {
    const [old, now] = [before, after].map((each) => spreadElements(family, each, counter));
    return { remove: difference(old!, now!), add: difference(now!, old!) };
  });
  return { remove: changes.flatMap(({ remove }) => remove), add: changes.flatMap(({ add }) => add) };
}

/** The elements that others do not have. */
function difference({ ports, buckets, targets }: SpreadElements, others: SpreadElements): (NftMap | NftPortSet)[] {
  return [
    { ...ports, elements: without(ports.elements, others.ports.elements) },
    { ...buckets, elements: without(buckets.elements, others.buckets.elements) },
    { ...targets, elements: without(targets.elements, others.targets.elements) },
  ].filter(({ elements }) => elements.length > 0);
}

function without<T extends Element>(elements: readonly T[], others: readonly T[]): T[] {
  if (elements.length === 0 || others.length === 0) return [...elements];
  const known = new Set(others.map(textOf));
  return elements.filter((element) => !known.has(textOf(element)));
}

type Element = NftPortSet['elements'][number] | NftBucketMap['elements'][number] | NftMarkTargetMap['elements'][number];

function textOf({ protocol, port, ...value }: Element): string {
  const key = `${protocol} ${port}`;
  if ('bucket' in value) return `${key} ${value.bucket} ${value.mark}`;
  return 'address' in value
    ? `${key} ${value.mark} ${value.address.text} ${value.targetPort}`
    : `${key} ${value.comment ?? ''}`;
}

/** Each destination of a spread has at least one of its buckets; see `withAddresses`. */
function bucketElements({ protocol, port, targets }: PortSpread): NftBucketMap['elements'] {
  const marks = new Map(targets.map(({ address, mark }) => [address.text, mark]));
  return spread(targets.map(({ address }) => address)).map((address, bucket) => ({
    protocol,
    port,
    bucket: FIRST_BUCKET + bucket,
    mark: marks.get(address.text)!,
  }));
}

function targetElements(each: PortSpread): NftMarkTargetMap['elements'] {
  const { protocol, port, targetPort } = each;
  return admittedTargets(each).map(({ address, mark }) => ({ protocol, port, mark, address, targetPort }));
}
