import type { PortSpread, SpreadTarget } from '../../src/domain/data-plane/port-spread';
import { bucketsMap, spreadSet, targetsMap } from '../../src/domain/data-plane/spread-elements';
import { addTo } from '../../src/domain/input/collections';
import { type Family, fromBytes } from '../../src/domain/values/ip-address';
import { portKey } from '../../src/domain/values/protocol';
import type { ElementList } from '../netlink/nftables/element-list';
import type { ObservedTable } from '../netlink/nftables/table';

/** A destination in the map of targets. */
interface ObservedTarget extends SpreadTarget {
  readonly targetPort: number;
}

/**
 * The spreads of a router's table, of one family. A destination without a bucket is a retired one: new marks are
 * higher than those before, so that the lowest one left first.
 *
 * @param length bytes of an address
 */
export function spreadsInForce({ sets }: ObservedTable, family: Family, length: number): PortSpread[] {
  const elementsOf = (name: string) => sets.find((set) => set.name === name)?.elements;
  const targets = targetsByPort(elementsOf(targetsMap(family)), length);
  const used = usedMarks(elementsOf(bucketsMap(family)));
  return (elementsOf(spreadSet(family))?.byPort() ?? []).map(({ protocol, port, comment }) => {
    const own = targets.get(portKey({ protocol, port })) ?? [];
    const plain = own.map(({ address, mark }) => ({ address, mark })).sort((one, other) => one.mark - other.mark);
    return {
      protocol,
      port,
      family,
      targetPort: own[0]?.targetPort ?? 0,
      host: comment,
      targets: plain.filter(({ mark }) => used.has(mark)),
      retired: plain.filter(({ mark }) => !used.has(mark)),
    };
  });
}

/** An element of another type is left out: the comparison reports it. */
function targetsByPort(elements: ElementList | undefined, length: number): Map<string, ObservedTarget[]> {
  const byPort = new Map<string, ObservedTarget[]>();
  for (const { protocol, port, mark, value } of elements?.byPortAndMark() ?? []) {
    if (value.length !== length + 4) continue;
    const address = fromBytes([...value.bytes.subarray(0, length)]);
    const target = { address, mark, targetPort: value.u16be(length) };
    const key = portKey({ protocol, port });
    addTo(byPort, key, target);
  }
  return byPort;
}

function usedMarks(elements: ElementList | undefined): ReadonlySet<number> {
  const values = (elements?.byPortAndMark() ?? []).map(({ value }) => value);
  return new Set(values.flatMap((value) => (value.length === 4 ? [value.u32()] : [])));
}
