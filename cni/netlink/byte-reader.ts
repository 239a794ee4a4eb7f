import { NLA_F_NESTED } from './byte-writer';

/** One attribute of a message: its type without flags, and its payload. */
export interface Attribute {
  readonly type: number;
  /** Whether its sender marked it as nested, which the kernel does not always do. */
  readonly isNested: boolean;
  readonly payload: ByteReader;
}

/** Reads the kernel's messages. A read beyond the end throws: lengths in messages are not trusted. */
export class ByteReader {
  private readonly view: DataView;

  public constructor(public readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  public get length(): number {
    return this.bytes.length;
  }

  public u8(at = 0): number {
    return this.view.getUint8(at);
  }

  public u16(at = 0): number {
    return this.view.getUint16(at, true);
  }

  public u32(at = 0): number {
    return this.view.getUint32(at, true);
  }

  public i32(at = 0): number {
    return this.view.getInt32(at, true);
  }

  public u16be(at = 0): number {
    return this.view.getUint16(at, false);
  }

  public u32be(at = 0): number {
    return this.view.getUint32(at, false);
  }

  public i32be(at = 0): number {
    return this.view.getInt32(at, false);
  }

  /** The part from `start` to `end`, without copying. */
  public slice(start: number, end = this.length): ByteReader {
    if (start < 0 || end < start || end > this.length) {
      throw new RangeError(`bytes ${start} to ${end} of a netlink message that has ${this.length}`);
    }
    return new ByteReader(this.bytes.subarray(start, end));
  }

  /** Text up to its terminating zero, or to the end. */
  public text(): string {
    const zero = this.bytes.indexOf(0);
    return utf8.decode(zero < 0 ? this.bytes : this.bytes.subarray(0, zero));
  }

  /** The attributes from `start` to the end. */
  public *attributes(start = 0): Generator<Attribute> {
    for (let at = start; at + 4 <= this.length; ) {
      const length = this.u16(at);
      if (length < 4) throw new RangeError(`netlink attribute of ${length} bytes`);
      const type = this.u16(at + 2);
      const payload = this.slice(at + 4, at + length);
      yield { type: type & NLA_TYPE_MASK, isNested: (type & NLA_F_NESTED) !== 0, payload };
      at += (length + 3) & ~3;
    }
  }

  /** The attributes from `start` to the end, by type; the last one of a type wins. */
  public attributeMap(start = 0): Map<number, ByteReader> {
    const map = new Map<number, ByteReader>();
    for (const { type, payload } of this.attributes(start)) map.set(type, payload);
    return map;
  }
}

/** Without `NLA_F_NESTED` and `NLA_F_NET_BYTEORDER`. */
const NLA_TYPE_MASK = 0x3fff;

const utf8 = new TextDecoder();
