import * as fc from 'fast-check';
import { icmpv6Checksum } from '../../../cni/packet/transport-checksum';
import { fromBytes } from '../../../src/domain/values/ip-address';
import { ipv6Bytes } from '../../support/arbitrary-address';

/** RFC 1071 by the book: the pseudo-header's bytes written out, one number, modulo 65535. */
function checksumByDivision(source: number[], destination: number[], message: number[]): number {
  const bytes = [...source, ...destination, 0, 0, message.length >> 8, message.length & 0xff, 0, 0, 0, 58, ...message];
  if (bytes.length % 2 === 1) bytes.push(0);
  const number = BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
  return 0xffff - Number(number % 0xffffn || 0xffffn);
}

const messages = fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 1500 });

test('the checksum is what division by 65535 leaves', () => {
  fc.assert(
    fc.property(ipv6Bytes, ipv6Bytes, messages, (source, destination, message) => {
      expect(icmpv6Checksum(fromBytes(source), fromBytes(destination), Uint8Array.from(message))).toBe(
        checksumByDivision(source, destination, message),
      );
    }),
  );
});

test('large sums carry more than once', () => {
  const ones = fromBytes(new Array(16).fill(0xff));
  const message = new Uint8Array(1500).fill(0xff);
  expect(icmpv6Checksum(ones, ones, message)).toBe(checksumByDivision([...ones.bytes], [...ones.bytes], [...message]));
});
