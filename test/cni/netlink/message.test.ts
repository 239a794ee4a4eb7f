import { ByteReader } from '../../../cni/netlink/byte-reader';
import { ByteWriter } from '../../../cni/netlink/byte-writer';
import { encodeMessage, type Message, readMessages, writeMessage } from '../../../cni/netlink/message';
import { recordedMessages } from '../../support/recorded-netlink';

const REQUEST = { type: 0x1234, flags: 0x0605, write: (writer: ByteWriter) => writer.u8(0xaa) };

test('a message has its length without padding, no port, and padding', () => {
  const bytes = encodeMessage(REQUEST, 0x89abcdef);
  expect(Buffer.from(bytes).toString('hex')).toBe(
    ['11000000', '3412', '0506', 'efcdab89', '00000000', 'aa000000'].join(''),
  );
});

/** Three messages in one datagram, the first with padding. */
function datagram(): Uint8Array {
  const writer = new ByteWriter();
  for (const sequence of [7, 8, 0xffffffff]) writeMessage(writer, REQUEST, sequence);
  return writer.bytes;
}

const values = (messages: readonly Message[]) =>
  messages.map(({ type, flags, sequence, payload }) => [type, flags, sequence, [...payload.bytes]]);

test('the messages of a datagram are read back', () => {
  expect(values(readMessages(new ByteReader(datagram())))).toEqual(
    [7, 8, 0xffffffff].map((sequence) => [0x1234, 0x0605, sequence, [0xaa]]),
  );
});

test('the last one’s padding may be missing; an empty datagram has no message', () => {
  expect(readMessages(new ByteReader(datagram().subarray(0, 57)))).toHaveLength(3);
  expect(readMessages(new ByteReader(new Uint8Array()))).toEqual([]);
});

test('a datagram that ends anywhere is refused, or read up to there', () => {
  const all = values(readMessages(new ByteReader(datagram())));
  let refused = 0;
  for (let length = 0; length < datagram().length; length++) {
    try {
      const read = values(readMessages(new ByteReader(datagram().subarray(0, length))));
      expect(read).toEqual(all.slice(0, read.length));
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError);
      refused++;
    }
  }
  // Where a header is there and its payload is not.
  expect(refused).toBe(3);
});

test.each([0, 15])('a message of %i bytes, over which reading would not get on, is refused', (length) => {
  const bytes = datagram();
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(20, length, true);
  expect(() => readMessages(new ByteReader(bytes))).toThrow(new RangeError(`netlink message of ${length} bytes`));
});

test.each([61, 0x7fffffff, 0xffffffff])('a message that says it has %i bytes is refused', (length) => {
  const bytes = datagram();
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(0, length, true);
  expect(() => readMessages(new ByteReader(bytes))).toThrow(
    new RangeError(`bytes 16 to ${length} of a netlink message that has 60`),
  );
});

test('a dump of the kernel ends with NLMSG_DONE', () => {
  const messages = recordedMessages('ip-details-link-show.answer');
  expect(messages.map(({ type }) => type)).toEqual([16, 16, 16, 16, 16, 3]);
  expect(new Set(messages.map(({ sequence }) => sequence)).size).toBe(1);
});
