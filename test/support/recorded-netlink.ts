import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ByteReader } from '../../cni/netlink/byte-reader';
import { ByteWriter } from '../../cni/netlink/byte-writer';
import { type Message, type Request, readMessages, writeMessage } from '../../cni/netlink/message';

const FOLDER = join(__dirname, '../fixtures/netlink');

/** What another program sent to the kernel in one go; the file's first line says which, and how it was recorded. */
export function recordedMessages(name: string): Message[] {
  const [, ...lines] = readFileSync(join(FOLDER, `${name}.hex`), 'utf8').split('\n');
  return readMessages(new ByteReader(Uint8Array.from(Buffer.from(lines.join(''), 'hex'))));
}

/** The text that the program was given. */
export function recordedInput(name: string): string {
  return readFileSync(join(FOLDER, name), 'utf8');
}

/** Our own requests, as the kernel gets them. */
export function messagesOf(requests: readonly Request[]): Message[] {
  const writer = new ByteWriter();
  for (const [index, request] of requests.entries()) writeMessage(writer, request, index);
  return readMessages(new ByteReader(writer.bytes));
}

/** Attributes as a value to compare and to read: hexadecimal, or what is in them. */
export type Tree = { readonly type: number; readonly value: string | Tree }[];

/** The attributes of a message, ordered by type: their order means nothing where no type stands twice. */
export function attributeTree(reader: ByteReader, start = 0): Tree {
  return [...reader.attributes(start)]
    .map(({ type, isNested, payload }) => ({
      type,
      value: isNested ? attributeTree(payload) : Buffer.from(payload.bytes).toString('hex'),
    }))
    .sort((one, other) => one.type - other.type);
}
