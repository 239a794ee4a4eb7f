import type { ByteReader } from './byte-reader';

/**
 * Where the attribute of this type begins, between `start` and `end`. For hot paths: no object is made for an
 * attribute.
 */
export function findAttribute(reader: ByteReader, start: number, end: number, type: number): number | undefined {
  for (let at = start; at + 4 <= end; ) {
    const length = attributeLength(reader, at, end);
    if ((reader.u16(at + 2) & 0x3fff) === type) return at;
    at += (length + 3) & ~3;
  }
  return undefined;
}

/** Where the attribute of this type begins in the one that begins at `nest`. */
export function findNested(reader: ByteReader, nest: number, type: number): number | undefined {
  return findAttribute(reader, nest + 4, nest + reader.u16(nest), type);
}

/** Of the attribute that begins there, its header included. It is not taken on trust: it has to fit before `end`. */
export function attributeLength(reader: ByteReader, at: number, end: number): number {
  const length = reader.u16(at);
  if (length < 4 || at + length > end)
    throw new RangeError(`netlink attribute of ${length} bytes, where ${end - at} are left`);
  return length;
}
