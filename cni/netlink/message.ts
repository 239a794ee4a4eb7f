import type { ByteReader } from './byte-reader';
import { ByteWriter } from './byte-writer';
import type { Operation } from './netlink-error';

/** Flags of `struct nlmsghdr`. @see https://docs.kernel.org/userspace-api/netlink/intro.html */
export const NLM_F_REQUEST = 0x1;
export const NLM_F_ACK = 0x4;
export const NLM_F_DUMP_INTR = 0x10;
/** NLM_F_ROOT and NLM_F_MATCH. */
export const NLM_F_DUMP = 0x300;
export const NLM_F_EXCL = 0x200;
export const NLM_F_CREATE = 0x400;
export const NLM_F_APPEND = 0x800;

export const NLMSG_ERROR = 2;
export const NLMSG_DONE = 3;

export const HEADER_LENGTH = 16;

/** A request without sequence number: the socket gives it one. */
export interface Request {
  readonly type: number;
  readonly flags: number;
  /** Writes the family's own header and the attributes. */
  readonly write: (writer: ByteWriter) => void;
  readonly operation: Operation;
}

/** A message from the kernel. */
export interface Message {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  readonly payload: ByteReader;
}

/** Appends one message: `struct nlmsghdr`, payload, padding. */
export function writeMessage(writer: ByteWriter, request: Omit<Request, 'operation'>, sequence: number): void {
  const start = writer.length;
  writer.u32(0).u16(request.type).u16(request.flags).u32(sequence).u32(0);
  request.write(writer);
  writer.setU32(start, writer.length - start);
  writer.align();
}

/** One message on its own. */
export function encodeMessage(request: Omit<Request, 'operation'>, sequence: number): Uint8Array {
  const writer = new ByteWriter();
  writeMessage(writer, request, sequence);
  return writer.bytes;
}

/** The messages of one datagram. */
export function readMessages(datagram: ByteReader): Message[] {
  const messages: Message[] = [];
  for (let at = 0; at + HEADER_LENGTH <= datagram.length; ) {
    const length = datagram.u32(at);
    if (length < HEADER_LENGTH) throw new RangeError(`netlink message of ${length} bytes`);
    messages.push({
      type: datagram.u16(at + 4),
      flags: datagram.u16(at + 6),
      sequence: datagram.u32(at + 8),
      payload: datagram.slice(at + HEADER_LENGTH, at + length),
    });
    at += (length + 3) & ~3;
  }
  return messages;
}
