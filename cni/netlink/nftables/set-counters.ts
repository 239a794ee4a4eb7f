import { PROTOCOL_NUMBERS, type Protocol } from '../../../src/domain/values/protocol';
import type { ByteReader } from '../byte-reader';
import { attributeLength, findAttribute, findNested } from '../find-attribute';
import type { Message } from '../message';
import type { NetlinkSocket } from '../socket';
import * as k from './constants';
import { dataValue, listElements } from './element-list';
import { ATTRIBUTES } from './nft-message';

/**
 * An element of a map or a set with its counter. There are tens of thousands a second, so one view moves over them: it
 * is valid until the next element.
 */
export class CountedElement {
  private reader!: ByteReader;
  private start = 0;
  private end = 0;

  /** Key of a set of marks. */
  public get mark(): number {
    return this.reader.u32(this.key(4));
  }

  /** Key of a map by protocol and port, as one number. */
  public get portKey(): number {
    const at = this.key(8);
    return this.reader.u32(at) * 2 ** 16 + this.reader.u16be(at + 4);
  }

  /** Protocol and port of a key by protocol, port and mark, as `portKey`. */
  public get portOfMarkedKey(): number {
    const at = this.key(12);
    return this.reader.u32(at) * 2 ** 16 + this.reader.u16be(at + 4);
  }

  /** Mark of such a key. */
  public get markOfMarkedKey(): number {
    return this.reader.u32(this.key(12) + 8);
  }

  /** Value of a map of marks. */
  public get markValue(): number {
    return this.reader.u32(this.value(4));
  }

  /** Value of a map of targets: the address's octets. @param length 4 or 16 */
  public address(length: number): Uint8Array {
    const at = this.value(length + 4);
    return this.reader.bytes.subarray(at, at + length);
  }

  /** Value of a map of targets: the port after an address of that length. */
  public targetPort(length: number): number {
    return this.reader.u16be(this.value(length + 4) + length);
  }

  /** Packets that matched this element; undefined without a counter. In a NAT chain, these are connections. */
  public get packets(): number | undefined {
    return this.counter(k.NFTA_COUNTER_PACKETS);
  }

  /** Bytes of those packets. */
  public get bytes(): number | undefined {
    return this.counter(k.NFTA_COUNTER_BYTES);
  }

  /** Passes on each element of a message. */
  public static each({ payload }: Pick<Message, 'payload'>, visit: (element: CountedElement) => void): void {
    const elements = payload.attributeMap(ATTRIBUTES).get(k.NFTA_SET_ELEM_LIST_ELEMENTS);
    if (elements === undefined) return;
    const element = new CountedElement();
    element.reader = elements;
    for (let at = 0; at + 4 <= elements.length; at = (element.end + 3) & ~3) {
      element.start = at + 4;
      element.end = at + attributeLength(elements, at, elements.length);
      visit(element);
    }
  }

  private key(length: number): number {
    return this.data(k.NFTA_SET_ELEM_KEY, length, 'key');
  }

  private value(length: number): number {
    return this.data(k.NFTA_SET_ELEM_DATA, length, 'value');
  }

  private data(type: number, length: number, what: string): number {
    const at = findAttribute(this.reader, this.start, this.end, type);
    if (at === undefined) throw new RangeError(`an element of a netlink set has no ${what}`);
    return dataValue(this.reader, at, length);
  }

  /** An element of ours has one expression, the counter. Beyond 2⁵³ a number is no longer exact: 9 petabytes. */
  private counter(type: number): number | undefined {
    const expression = findAttribute(this.reader, this.start, this.end, k.NFTA_SET_ELEM_EXPR);
    if (expression === undefined) return undefined;
    const data = findNested(this.reader, expression, k.NFTA_EXPR_DATA);
    const at = data === undefined ? undefined : findNested(this.reader, data, type);
    if (at === undefined) return undefined;
    if (this.reader.u16(at) < 12) throw new RangeError(`a netlink counter of ${this.reader.u16(at) - 4} bytes`);
    return this.reader.u32be(at + 4) * 2 ** 32 + this.reader.u32be(at + 8);
  }
}

/** The protocol of a key by protocol and port; undefined for a key that a rule cannot have. */
export function protocolOf(portKey: number): Protocol | undefined {
  return PROTOCOLS_BY_NUMBER.get(Math.floor(portKey / 2 ** 16));
}

/** The port of such a key. */
export function portOf(portKey: number): number {
  return portKey % 2 ** 16;
}

const PROTOCOLS_BY_NUMBER = new Map(
  (Object.entries(PROTOCOL_NUMBERS) as [Protocol, number][]).map(([name, number]) => [number, name]),
);

/**
 * `nft list map inet TABLE NAME`, or `nft list set …`, without buffering: `collect` receives each element.
 *
 * @param begin makes the accumulator, again if the table changed in the meantime
 * @throws NetlinkError
 */
export function readElements<T>(
  socket: NetlinkSocket,
  table: string,
  set: string,
  begin: () => T,
  collect: (into: T, element: CountedElement) => void,
): T {
  return socket.dumpInto(listElements(table, set), begin, (into, message) =>
    CountedElement.each(message, (element) => collect(into, element)),
  );
}
