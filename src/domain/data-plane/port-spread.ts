import { BUCKETS, spread } from '../names/spread';
import type { Family, IpAddress } from '../values/ip-address';
import type { Protocol } from '../values/protocol';
import type { NftBucketMap, NftMap, NftMarkTargetMap, NftPortSet, NftRule } from './nft-table';

/** A destination with the mark of its connections, never 0. */
export interface SpreadTarget {
  readonly address: IpAddress;
  readonly mark: number;
}

/** A port of the router whose clients are spread over several destinations, all of one family. */
export interface PortSpread {
  readonly protocol: Protocol;
  readonly port: number;
  readonly family: Family;
  readonly targetPort: number;
  /** Those that new connections get. */
  readonly targets: readonly SpreadTarget[];
  /** Those that left, from the oldest to the newest: their open connections go on, and new ones do not begin. */
  readonly retired: readonly SpreadTarget[];
}

/** A spread after its addresses have changed. */
export interface SpreadStep {
  readonly after: PortSpread;
  /** Marks whose connections must be deleted, and which are free then. */
  readonly freedMarks: readonly number[];
}

/** A port keeps at most this many destinations that left; the oldest one is cut then. */
export const MOST_RETIRED = 64;

/**
 * The spread with other addresses. An address keeps its mark, also one that comes back while connections of it are
 * open. One that leaves is retired; of UDP it is cut, so that its flows move: they have no end of their own.
 *
 * @param nextMark gives a free mark
 */
export function withAddresses(before: PortSpread, addresses: readonly IpAddress[], nextMark: () => number): SpreadStep {
  const known = new Map([...before.retired, ...before.targets].map((target) => [target.address.text, target]));
  const targets = addresses.map((address) => known.get(address.text) ?? { address, mark: nextMark() });
  const staying = new Set(addresses.map(({ text }) => text));
  const left = [...before.retired, ...before.targets].filter(({ address }) => !staying.has(address.text));
  const cut = before.protocol === 'UDP' ? left : left.slice(0, Math.max(0, left.length - MOST_RETIRED));
  return {
    after: { ...before, targets, retired: left.slice(cut.length) },
    freedMarks: cut.map(({ mark }) => mark),
  };
}

/** The spread without retired destinations whose last connection has ended. @param openMarks marks of connections */
export function withoutEnded(before: PortSpread, openMarks: ReadonlySet<number>): PortSpread {
  const retired = before.retired.filter(({ mark }) => openMarks.has(mark));
  return retired.length === before.retired.length ? before : { ...before, retired };
}

/** Every mark of a spread whose packets pass. */
export function marksOfSpread({ targets, retired }: PortSpread): number[] {
  return [...targets, ...retired].map(({ mark }) => mark);
}

/** Name of the set of ports whose clients are spread. */
export const spreadSet = (family: Family) => `spread${family}`;
/** Name of the map from port and bucket to the destination's mark. */
export const bucketsMap = (family: Family) => `buckets${family}`;
/** Name of the map from mark to destination. */
export const targetsMap = (family: Family) => `targets${family}`;

/** Marks of rules have 31 bits: a bucket is never one of them. */
const FIRST_BUCKET = 0x80000000;

/** Any number, but one and the same for ever: another would move clients to other destinations. */
const SEED = 1;

/**
 * Spreads the clients of a family. It follows the look-ups of plain ports, which end the chain, so that those cost the
 * same. The set holds only ports whose buckets are all in the map: the bucket is never left as the connection's mark.
 */
export function spreadRule(family: Family): NftRule {
  return [
    { kind: 'port-in', set: spreadSet(family) },
    { kind: 'ct-mark-bucket', family, modulus: BUCKETS, seed: SEED, offset: FIRST_BUCKET },
    { kind: 'ct-mark-from-bucket', map: bucketsMap(family) },
    { kind: 'dnat-from-mark', family, map: targetsMap(family) },
  ];
}

/** The elements of spreads of one family. A retired destination is in the map of targets alone: it is read again. */
export function spreadElements(
  family: Family,
  spreads: readonly PortSpread[],
  counter: boolean,
): { readonly ports: NftPortSet; readonly buckets: NftBucketMap; readonly targets: NftMarkTargetMap } {
  const own = spreads.filter((each) => each.family === family);
  return {
    ports: {
      kind: 'ports',
      name: spreadSet(family),
      elements: own.filter(({ targets }) => targets.length > 0).map(({ protocol, port }) => ({ protocol, port })),
    },
    buckets: { kind: 'bucket', name: bucketsMap(family), elements: own.flatMap(bucketElements) },
    targets: {
      kind: 'mark-target',
      name: targetsMap(family),
      family,
      counter,
      elements: own.flatMap(({ protocol, targetPort, targets, retired }) =>
        [...targets, ...retired].map(({ address, mark }) => ({ protocol, mark, address, targetPort })),
      ),
    },
  };
}

/** What one change of a spread removes from its maps and its set, and adds to them. */
export interface SpreadElementChange {
  readonly remove: readonly (NftMap | NftPortSet)[];
  readonly add: readonly (NftMap | NftPortSet)[];
}

/** The change from one spread to another of the same port: only the buckets that move. */
export function spreadElementChange(before: PortSpread, after: PortSpread, counter: boolean): SpreadElementChange {
  const [old, now] = [before, after].map((each) => spreadElements(each.family, [each], counter));
  return {
    remove: someOf([
      { ...old!.ports, elements: without(old!.ports.elements, now!.ports.elements, () => '') },
      { ...old!.buckets, elements: without(old!.buckets.elements, now!.buckets.elements, bucketText) },
      { ...old!.targets, elements: without(old!.targets.elements, now!.targets.elements, targetText) },
    ]),
    add: someOf([
      { ...now!.ports, elements: without(now!.ports.elements, old!.ports.elements, () => '') },
      { ...now!.buckets, elements: without(now!.buckets.elements, old!.buckets.elements, bucketText) },
      { ...now!.targets, elements: without(now!.targets.elements, old!.targets.elements, targetText) },
    ]),
  };
}

function bucketElements({ protocol, port, targets }: PortSpread): NftBucketMap['elements'] {
  const marks = new Map(targets.map(({ address, mark }) => [address.text, mark]));
  return spread(targets.map(({ address }) => address)).map((address, bucket) => ({
    protocol,
    port,
    bucket: FIRST_BUCKET + bucket,
    mark: marks.get(address.text)!,
  }));
}

const bucketText = ({ bucket, mark }: NftBucketMap['elements'][number]) => `${bucket} ${mark}`;
const targetText = ({ mark, address }: NftMarkTargetMap['elements'][number]) => `${mark} ${address.text}`;

function without<T>(elements: readonly T[], others: readonly T[], text: (element: T) => string): T[] {
  const known = new Set(others.map(text));
  return elements.filter((element) => !known.has(text(element)));
}

function someOf<T extends { readonly elements: readonly unknown[] }>(sets: readonly T[]): T[] {
  return sets.filter(({ elements }) => elements.length > 0);
}
