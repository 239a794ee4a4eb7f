import {
  isDynamic,
  type NftAddressSet,
  type NftBucketMap,
  type NftDynamicSet,
  type NftMap,
  type NftMarkMap,
  type NftMarkSet,
  type NftMarkTargetMap,
  type NftPortSet,
  type NftServiceMap,
  type NftServiceSet,
  type NftSet,
  type NftTargetMap,
} from '../../../src/domain/data-plane/nft-table';
import { PROTOCOL_NUMBERS, type Protocol } from '../../../src/domain/values/protocol';
import { type ByteWriter, NLA_F_NESTED } from '../byte-writer';
import { NLM_F_CREATE, type Request } from '../message';
import * as k from './constants';
import { nftRequest } from './nft-message';

/** One attribute has at most 64 KiB, enough for this many of the largest: 64 bytes with two IPv6 addresses. */
const ELEMENTS_A_MESSAGE = 1000;

/** `nft add element inet TABLE NAME { … }`, in slices */
export function addElements(table: string, set: NftMap | NftSet): Request[] {
  return elementRequests(k.NFT_MSG_NEWSETELEM, NLM_F_CREATE, `nft add element inet ${table} ${set.name}`, table, set);
}

/** `nft delete element inet TABLE NAME { … }`, in slices. The kernel compares only the keys. */
export function deleteElements(table: string, set: NftMap | NftSet): Request[] {
  return elementRequests(k.NFT_MSG_DELSETELEM, 0, `nft delete element inet ${table} ${set.name}`, table, set);
}

function elementRequests(
  type: number,
  flags: number,
  operation: string,
  table: string,
  set: NftMap | NftSet,
): Request[] {
  if (isDynamic(set)) return [];
  const write = elementsWriter(set);
  const count = set.kind === 'marks' ? set.marks.length : set.elements.length;
  const slices: Request[] = [];
  for (let start = 0; start < count; start += ELEMENTS_A_MESSAGE) {
    slices.push(
      nftRequest(type, flags, operation, (writer) =>
        writer
          .attribute(k.NFTA_SET_ELEM_LIST_TABLE, (w) => w.text(table))
          .attribute(k.NFTA_SET_ELEM_LIST_SET, (w) => w.text(set.name))
          .nested(k.NFTA_SET_ELEM_LIST_ELEMENTS, (w) => write(w, start, Math.min(count, start + ELEMENTS_A_MESSAGE))),
      ),
    );
  }
  return slices;
}

/** Writes the elements from `start` to `end`. */
type ElementsWriter = (writer: ByteWriter, start: number, end: number) => void;

// With 10,000 rules there are 40,000 elements. Their attributes have known lengths, so the headers are written
// directly: a callback for each would double the encoding time.
function elementsWriter(set: NftMap | Exclude<NftSet, NftDynamicSet>): ElementsWriter {
  switch (set.kind) {
    case 'marks':
      return (writer, start, end) => writeMarks(writer, set, start, end);
    case 'services':
      return (writer, start, end) => writeServices(writer, set, start, end);
    case 'addresses':
      return (writer, start, end) => writeAddresses(writer, set, start, end);
    case 'service-target':
      return (writer, start, end) => writeServiceTargets(writer, set, start, end);
    case 'mark':
      return (writer, start, end) => writeMarkElements(writer, set, start, end);
    case 'ports':
      return (writer, start, end) => writePorts(writer, set, start, end);
    case 'bucket':
      return (writer, start, end) => writeBucketElements(writer, set, start, end);
    case 'mark-target':
      return (writer, start, end) => writeMarkTargetElements(writer, set, start, end);
    case 'target':
      return (writer, start, end) => writeTargetElements(writer, set, start, end);
  }
}

function writePorts(writer: ByteWriter, { elements }: NftPortSet, start: number, end: number): void {
  for (let index = start; index < end; index++) {
    const { protocol, port, comment } = elements[index]!;
    writer.attributeHeader(ELEMENT, PORT_KEY + (comment === undefined ? 0 : commentLength(comment)));
    writePortKey(writer, protocol, port);
    if (comment !== undefined) writeComment(writer, comment);
  }
}

/** What `nft` takes and prints as an element's comment: a type, a length and the text with a zero. */
function writeComment(writer: ByteWriter, comment: string): void {
  writer.attribute(k.NFTA_SET_ELEM_USERDATA, (w) =>
    w
      .u8(k.NFTNL_UDATA_SET_ELEM_COMMENT)
      .u8(comment.length + 1)
      .text(comment),
  );
}

/** Bytes of the attribute, the padding included. */
function commentLength(comment: string): number {
  return (4 + 2 + comment.length + 1 + 3) & ~3;
}

function writeServices(writer: ByteWriter, { elements, family }: NftServiceSet, start: number, end: number): void {
  const length = family === 4 ? 12 : 24;
  for (let index = start; index < end; index++) {
    const { protocol, address, port } = elements[index]!;
    writer.attributeHeader(ELEMENT, KEY_HEADERS + length);
    writer.attributeHeader(KEY, 4 + length).attributeHeader(k.NFTA_DATA_VALUE, length);
    writer.u32(PROTOCOL_NUMBERS[protocol]).raw(address.bytes).u16be(port).u16(0);
  }
}

function writeAddresses(writer: ByteWriter, { elements, family }: NftAddressSet, start: number, end: number): void {
  const length = family === 4 ? 4 : 16;
  for (let index = start; index < end; index++) {
    writer.attributeHeader(ELEMENT, KEY_HEADERS + length);
    writer
      .attributeHeader(KEY, 4 + length)
      .attributeHeader(k.NFTA_DATA_VALUE, length)
      .raw(elements[index]!.bytes);
  }
}

/** `ADDRESS . PROTOCOL . PORT : TARGET . TARGET_PORT` */
function writeServiceTargets(
  writer: ByteWriter,
  { elements, family }: NftServiceMap,
  start: number,
  end: number,
): void {
  const [key, data] = family === 4 ? [12, 8] : [24, 20];
  for (let index = start; index < end; index++) {
    const { protocol, address, port, target, targetPort } = elements[index]!;
    writer.attributeHeader(ELEMENT, KEY_HEADERS + key + DATA_HEADERS + data);
    writer.attributeHeader(KEY, 4 + key).attributeHeader(k.NFTA_DATA_VALUE, key);
    writer.raw(address.bytes).u32(PROTOCOL_NUMBERS[protocol]).u16be(port).u16(0);
    writer.attributeHeader(DATA, 4 + data).attributeHeader(k.NFTA_DATA_VALUE, data);
    writer.raw(target.bytes).u16be(targetPort).u16(0);
  }
}

function writeMarks(writer: ByteWriter, { marks }: NftMarkSet, start: number, end: number): void {
  for (let index = start; index < end; index++) {
    writer.attributeHeader(ELEMENT, KEY_HEADERS + 4);
    writer.attributeHeader(KEY, 8).attributeHeader(k.NFTA_DATA_VALUE, 4).u32(marks[index]!);
  }
}

function writeMarkElements(writer: ByteWriter, { elements }: NftMarkMap, start: number, end: number): void {
  for (let index = start; index < end; index++) {
    const { protocol, port, mark } = elements[index]!;
    writer.attributeHeader(ELEMENT, PORT_KEY + DATA_HEADERS + 4);
    writePortKey(writer, protocol, port);
    writer.attributeHeader(DATA, 8).attributeHeader(k.NFTA_DATA_VALUE, 4).u32(mark);
  }
}

function writeBucketElements(writer: ByteWriter, { elements }: NftBucketMap, start: number, end: number): void {
  for (let index = start; index < end; index++) {
    const { protocol, port, bucket, mark } = elements[index]!;
    writer.attributeHeader(ELEMENT, KEY_HEADERS + 12 + DATA_HEADERS + 4);
    writeMarkedPortKey(writer, protocol, port, bucket);
    writer.attributeHeader(DATA, 8).attributeHeader(k.NFTA_DATA_VALUE, 4).u32(mark);
  }
}

function writeMarkTargetElements(
  writer: ByteWriter,
  { elements, family }: NftMarkTargetMap,
  start: number,
  end: number,
): void {
  const length = family === 4 ? 8 : 20;
  for (let index = start; index < end; index++) {
    const { protocol, port, mark, address, targetPort } = elements[index]!;
    writer.attributeHeader(ELEMENT, KEY_HEADERS + 12 + DATA_HEADERS + length);
    writeMarkedPortKey(writer, protocol, port, mark);
    writer.attributeHeader(DATA, 4 + length).attributeHeader(k.NFTA_DATA_VALUE, length);
    writer.raw(address.bytes).u16be(targetPort).u16(0);
  }
}

function writeTargetElements(writer: ByteWriter, { elements, family }: NftTargetMap, start: number, end: number): void {
  const length = family === 4 ? 8 : 20;
  for (let index = start; index < end; index++) {
    const { protocol, port, address, targetPort } = elements[index]!;
    writer.attributeHeader(ELEMENT, PORT_KEY + DATA_HEADERS + length);
    writePortKey(writer, protocol, port);
    writer.attributeHeader(DATA, 4 + length).attributeHeader(k.NFTA_DATA_VALUE, length);
    writer.raw(address.bytes).u16be(targetPort).u16(0);
  }
}

/** `PROTOCOL . PORT`: each field is padded to four bytes. */
function writePortKey(writer: ByteWriter, protocol: Protocol, port: number): void {
  writer.attributeHeader(KEY, 12).attributeHeader(k.NFTA_DATA_VALUE, 8);
  writer.u32(PROTOCOL_NUMBERS[protocol]).u16be(port).u16(0);
}

/** `PROTOCOL . PORT . MARK` */
function writeMarkedPortKey(writer: ByteWriter, protocol: Protocol, port: number, mark: number): void {
  writer.attributeHeader(KEY, 16).attributeHeader(k.NFTA_DATA_VALUE, 12);
  writer.u32(PROTOCOL_NUMBERS[protocol]).u16be(port).u16(0).u32(mark);
}

const ELEMENT = k.NFTA_LIST_ELEM | NLA_F_NESTED;
const KEY = k.NFTA_SET_ELEM_KEY | NLA_F_NESTED;
const DATA = k.NFTA_SET_ELEM_DATA | NLA_F_NESTED;
/** NFTA_SET_ELEM_KEY or NFTA_SET_ELEM_DATA, and NFTA_DATA_VALUE in it. */
const KEY_HEADERS = 8;
const DATA_HEADERS = 8;
const PORT_KEY = KEY_HEADERS + 8;
