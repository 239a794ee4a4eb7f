import { PROTOCOL_NUMBERS, PROTOCOLS, type Protocol } from '../../../src/domain/values/protocol';
import { ByteReader } from '../byte-reader';
import { ByteWriter } from '../byte-writer';
import { attributeLength, findAttribute } from '../find-attribute';
import type { Message, Request } from '../message';
import * as k from './constants';
import { ATTRIBUTES, nftRequest } from './nft-message';
import { type SetType, valueText } from './set';

/** `nft list map inet TABLE NAME`, or `nft list set …` */
export function listElements(table: string, set: string): Request {
  return nftRequest(k.NFT_MSG_GETSETELEM, 0, `nft list set inet ${table} ${set}`, (writer) =>
    writer
      .attribute(k.NFTA_SET_ELEM_LIST_TABLE, (w) => w.text(table))
      .attribute(k.NFTA_SET_ELEM_LIST_SET, (w) => w.text(set)),
  );
}

/** The key's bytes: as one number if it is exact, else a character for each. */
type Key = number | string;

/** Bytes of a key by protocol and port. */
const PORT_KEY = 8;

/** Bytes of a key by protocol, port and mark. */
const MARKED_PORT_KEY = 12;

/** The key of an element that matches everything: `*`. */
const CATCH_ALL = -1;

/**
 * The elements of a map or a set. There are tens of thousands, so they are numbers and bytes, and become objects or
 * text only on demand.
 */
export class ElementList {
  /** Maps a key to the offset of its value. */
  private readonly places = new Map<Key, number>();
  private readonly values = new ByteWriter();
  /** Of sets of ports: those of others are not searched for one. */
  private readonly comments = new Map<Key, string>();
  private readonly dataLength: number;

  public constructor(private readonly type: SetType) {
    this.dataLength = type.dataLength ?? 0;
  }

  /** Adds the elements of a message to the list of its set. @param listOf the list of a name, if it is wanted */
  public static read({ payload }: Pick<Message, 'payload'>, listOf: (set: string) => ElementList | undefined): void {
    const attributes = payload.attributeMap(ATTRIBUTES);
    const list = listOf(attributes.get(k.NFTA_SET_ELEM_LIST_SET)?.text() ?? '');
    const elements = attributes.get(k.NFTA_SET_ELEM_LIST_ELEMENTS);
    if (list !== undefined && elements !== undefined) list.append(elements);
  }

  public get size(): number {
    return this.places.size;
  }

  /** The elements of a map or a set by protocol and port, without keys that a rule cannot have. */
  public byPort(): {
    readonly protocol: Protocol;
    readonly port: number;
    readonly comment?: string;
    readonly value: ByteReader;
  }[] {
    const values = new ByteReader(this.values.bytes);
    return [...this.places].flatMap(([key, place]) => {
      if (typeof key === 'string') return [];
      const { protocol, port } = portKey(key);
      const name = PROTOCOLS.find((each) => PROTOCOL_NUMBERS[each] === protocol);
      if (name === undefined) return [];
      const value = values.slice(place, place + this.dataLength);
      return [{ protocol: name, port, comment: this.comments.get(key), value }];
    });
  }

  /** The elements of a map by protocol, port and mark, without keys that a rule cannot have. */
  public byPortAndMark(): {
    readonly protocol: Protocol;
    readonly port: number;
    readonly mark: number;
    readonly value: ByteReader;
  }[] {
    const values = new ByteReader(this.values.bytes);
    return [...this.places].flatMap(([key, place]) => {
      if (typeof key !== 'string' || key.length !== MARKED_PORT_KEY) return [];
      const bytes = new ByteReader(keyBytes(key, MARKED_PORT_KEY));
      const number = bytes.u32();
      const protocol = PROTOCOLS.find((each) => PROTOCOL_NUMBERS[each] === number);
      if (protocol === undefined) return [];
      const value = values.slice(place, place + this.dataLength);
      return [{ protocol, port: bytes.u16be(4), mark: bytes.u32(8), value }];
    });
  }

  /** The elements, as `nft` prints them, that are missing in the other list or have another value there. */
  public differences(other: ElementList): { element: string; others?: string }[] {
    const found: { element: string; others?: string }[] = [];
    for (const [key, place] of this.places) {
      const otherPlace = other.places.get(key);
      if (otherPlace === undefined) {
        found.push({ element: this.text(key, place) });
      } else if (!this.hasSameValue(place, other, otherPlace)) {
        found.push({ element: this.text(key, place), others: other.text(key, otherPlace) });
      }
    }
    return found;
  }

  /** Those whose keys are not in the other list. */
  public without(other: ElementList): string[] {
    const found: string[] = [];
    for (const [key, place] of this.places) {
      if (!other.places.has(key)) found.push(this.text(key, place));
    }
    return found;
  }

  private append(elements: ByteReader): void {
    for (let at = 0; at + 4 <= elements.length; ) {
      const end = at + attributeLength(elements, at, elements.length);
      const keyAt = findAttribute(elements, at + 4, end, k.NFTA_SET_ELEM_KEY);
      const key = keyAt === undefined ? CATCH_ALL : this.key(elements, keyAt);
      this.places.set(key, this.values.length);
      if (this.dataLength > 0) this.copyValue(elements, at + 4, end);
      else if (this.type.keyLength === PORT_KEY) this.copyComment(key, elements, at + 4, end);
      at = (end + 3) & ~3;
    }
  }

  /** Of a key of 8 bytes, the upper four mostly hold a port: then the number is exact. */
  private key(elements: ByteReader, at: number): Key {
    const { keyLength } = this.type;
    const value = dataValue(elements, at, keyLength);
    const upper = keyLength === 8 ? elements.u32(value + 4) : 0;
    if (keyLength <= 8 && upper < 2 ** 21) return elements.u32(value) + upper * 2 ** 32;
    return String.fromCharCode(...elements.bytes.subarray(value, value + keyLength));
  }

  private copyValue(elements: ByteReader, start: number, end: number): void {
    const data = findAttribute(elements, start, end, k.NFTA_SET_ELEM_DATA);
    if (data === undefined) throw new RangeError('an element of a netlink map has no value');
    const value = dataValue(elements, data, this.dataLength);
    for (let at = value; at < value + this.dataLength; at += 4) this.values.u32(elements.u32(at));
  }

  private copyComment(key: Key, elements: ByteReader, start: number, end: number): void {
    const at = findAttribute(elements, start, end, k.NFTA_SET_ELEM_USERDATA);
    const comment = at === undefined ? undefined : commentIn(elements.slice(at + 4, at + elements.u16(at)));
    if (comment !== undefined) this.comments.set(key, comment);
  }

  private hasSameValue(place: number, other: ElementList, otherPlace: number): boolean {
    for (let at = 0; at < this.dataLength; at += 4) {
      if (this.values.readU32(place + at) !== other.values.readU32(otherPlace + at)) return false;
    }
    return true;
  }

  private text(key: Key, place: number): string {
    return `${this.keyText(key)}${this.dataLength === 0 ? '' : ` : ${this.valueText(place)}`}`;
  }

  private keyText(key: Key): string {
    if (key === CATCH_ALL) return '*';
    return valueText(this.type.keyType, new ByteReader(keyBytes(key, this.type.keyLength)));
  }

  private valueText(place: number): string {
    return valueText(this.type.dataType ?? 0, new ByteReader(this.values.bytes).slice(place, place + this.dataLength));
  }
}

/** The comment in the user data of an element: a list of types, lengths and values, which is not trusted. */
function commentIn(data: ByteReader): string | undefined {
  for (let at = 0; at + 2 <= data.length; at += 2 + data.u8(at + 1)) {
    const end = at + 2 + data.u8(at + 1);
    if (data.u8(at) === k.NFTNL_UDATA_SET_ELEM_COMMENT && end <= data.length) return data.slice(at + 2, end).text();
  }
  return undefined;
}

/** The bytes of a key, as the kernel has them. */
function keyBytes(key: Key, length: number): Uint8Array {
  if (typeof key === 'string') return Uint8Array.from(key, (character) => character.charCodeAt(0));
  const writer = new ByteWriter();
  writer.u32(key % 2 ** 32);
  if (length > 4) writer.u32(Math.floor(key / 2 ** 32));
  return writer.bytes;
}

/** Decodes a key by protocol and port, which has its port in network byte order. */
function portKey(key: number): { readonly protocol: number; readonly port: number } {
  const port = Math.floor(key / 2 ** 32);
  return { protocol: key % 2 ** 32, port: ((port & 0xff) << 8) | (port >>> 8) };
}

/** The offset of the bytes of a nested NFTA_DATA_VALUE. */
export function dataValue(reader: ByteReader, nest: number, bytes: number): number {
  const at = findAttribute(reader, nest + 4, nest + reader.u16(nest), k.NFTA_DATA_VALUE);
  const length = at === undefined ? 0 : reader.u16(at) - 4;
  if (at === undefined || length !== bytes) throw new RangeError(`netlink value of ${length} bytes, not ${bytes}`);
  return at + 4;
}
