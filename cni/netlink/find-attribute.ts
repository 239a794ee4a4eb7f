import type { ByteReader } from './byte-reader';

/**
 * The offset of the attribute of this type, between `start` and `end`. For hot paths: it allocates no objects.
 */
export function findAttribute(reader: ByteReader, start: number, end: number, type: number): number | undefined {
  for (let at = start; at + 4 <= end; ) {
    const length = attributeLength(reader, at, end);
    if ((reader.u16(at + 2) & 0x3fff) === type) return at;
    at += (length + 3) & ~3;
  }
  return undefined;
}

/** The offset of the attribute of this type within the one at `nest`. */
export function findNested(reader: ByteReader, nest: number, type: number): number | undefined {
  return findAttribute(reader, nest + 4, nest + reader.u16(nest), type);
}

/** The length of the attribute at an offset, including its header. It is not trusted: it must end before `end`. */
export function attributeLength(reader: ByteReader, at: number, end: number): number {
  const length = reader.u16(at);
  if (length < 4 || at + length > end)
    throw new RangeError(`netlink attribute of ${length} bytes, where ${end - at} are left`);
  return length;
}
