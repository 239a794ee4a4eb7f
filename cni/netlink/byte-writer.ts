/**
 * Builds netlink messages: a buffer that grows, values in host byte order unless their name says otherwise, and
 * attributes whose lengths and padding are filled in by the nesting of the calls. Hosts are little-endian: x86-64 and
 * arm64 are what the plugin is built for.
 */
export class ByteWriter {
  private buffer: Uint8Array;
  private view: DataView;
  private end = 0;

  public constructor(capacity = 4096) {
    this.buffer = new Uint8Array(capacity);
    this.view = new DataView(this.buffer.buffer);
  }

  public get length(): number {
    return this.end;
  }

  /** The bytes written so far; they share memory with the writer. */
  public get bytes(): Uint8Array {
    return this.buffer.subarray(0, this.end);
  }

  public u8(value: number): this {
    const at = this.reserve(1);
    this.buffer[at] = value;
    return this;
  }

  public u16(value: number): this {
    const at = this.reserve(2);
    this.view.setUint16(at, value, true);
    return this;
  }

  public u32(value: number): this {
    const at = this.reserve(4);
    this.view.setUint32(at, value, true);
    return this;
  }

  public u16be(value: number): this {
    const at = this.reserve(2);
    this.view.setUint16(at, value, false);
    return this;
  }

  public u32be(value: number): this {
    const at = this.reserve(4);
    this.view.setUint32(at, value, false);
    return this;
  }

  public raw(bytes: ArrayLike<number>): this {
    const at = this.reserve(bytes.length);
    this.buffer.set(bytes, at);
    return this;
  }

  public zeros(count: number): this {
    this.reserve(count);
    return this;
  }

  /** UTF-8 with the terminating zero that the kernel's strings have. */
  public text(value: string): this {
    return this.raw(utf8.encode(value)).u8(0);
  }

  /** One attribute: `struct nlattr`, what `write` puts into it, and padding to four bytes. */
  public attribute(type: number, write: (writer: this) => void): this {
    const start = this.reserve(4);
    write(this);
    const length = this.end - start;
    // A length has 16 bits; the kernel would read the rest as further attributes.
    if (length > 0xffff) throw new RangeError(`netlink attribute ${type} has ${length} bytes; at most 65535 fit`);
    this.view.setUint16(start, length, true);
    this.view.setUint16(start + 2, type, true);
    return this.align();
  }

  /**
   * The `struct nlattr` of an attribute whose payload, of a known length, is written next. Nothing pads or checks it.
   */
  public attributeHeader(type: number, payloadLength: number): this {
    const at = this.reserve(4);
    this.view.setUint16(at, payloadLength + 4, true);
    this.view.setUint16(at + 2, type, true);
    return this;
  }

  /** An attribute of a number of 32 bits in network byte order. Most are, and a closure for each would cost more. */
  public numberAttribute(type: number, value: number): this {
    return this.attributeHeader(type, 4).u32be(value);
  }

  /** An attribute that holds attributes. */
  public nested(type: number, write: (writer: this) => void): this {
    return this.attribute(type | NLA_F_NESTED, write);
  }

  public align(): this {
    return this.zeros(-this.end & 3);
  }

  /** Sets an earlier 32-bit value, such as a message's length. */
  public setU32(at: number, value: number): void {
    this.view.setUint32(at, value, true);
  }

  /** An earlier 32-bit value. */
  public readU32(at: number): number {
    return this.view.getUint32(at, true);
  }

  /** Room for `count` more bytes, which are zero; returns where they begin. */
  private reserve(count: number): number {
    const at = this.end;
    this.end += count;
    if (this.end > this.buffer.length) this.grow();
    return at;
  }

  private grow(): void {
    const larger = new Uint8Array(Math.max(this.end, this.buffer.length * 2));
    larger.set(this.buffer);
    this.buffer = larger;
    this.view = new DataView(larger.buffer);
  }
}

/** `NLA_F_NESTED`, which strict parsers of newer kernels require. */
export const NLA_F_NESTED = 0x8000;

const utf8 = new TextEncoder();
