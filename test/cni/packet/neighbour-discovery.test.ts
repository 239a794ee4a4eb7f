import * as fc from 'fast-check';
import { decodeEthernet, ETH_P_IPV6, encodeEthernet } from '../../../cni/packet/ethernet';
import {
  ALL_NODES,
  decodeNeighbour,
  duplicateSolicitation,
  multicastMac,
  neighbourSolicitation,
  solicitedNode,
  unsolicitedAdvertisement,
} from '../../../cni/packet/neighbour-discovery';
import { ip, recordedFrame } from '../../support/recorded-frame';

const A = '02:00:00:00:0a:0a';
const B = '02:00:00:00:0b:0b';
const [HOP_LIMIT, PAYLOAD_LENGTH, CHECKSUM, CODE, OPTION] = [14 + 7, 14 + 5, 14 + 42, 14 + 41, 14 + 64];

const decode = (bytes: Uint8Array) => {
  const frame = decodeEthernet(bytes);
  return frame && decodeNeighbour(frame);
};

/** The recorded answer with some bytes changed, and a checksum that is right again. */
function answerWith(changes: Readonly<Record<number, number>>): Uint8Array {
  const frame = recordedFrame('advertisement-to-solicitation');
  const view = new DataView(frame.buffer);
  for (const [at, value] of Object.entries(changes)) {
    const word = Number(at) & ~1;
    const before = view.getUint16(word);
    frame[Number(at)] = value;
    // RFC 1624: HC' = ~(~HC + ~m + m').
    const sum = (~view.getUint16(CHECKSUM) & 0xffff) + (~before & 0xffff) + view.getUint16(word);
    view.setUint16(CHECKSUM, ~((sum & 0xffff) + (sum >>> 16)) & 0xffff);
  }
  return frame;
}

test('a question for a neighbour is the kernel’s own', () => {
  const question = neighbourSolicitation(A, ip('2001:db8::7'), ip('2001:db8::9'));
  expect(question).toEqual(recordedFrame('neighbour-solicitation'));
});

test('a probe is the kernel’s own, in each byte', () => {
  expect(duplicateSolicitation(A, ip('2001:db8::7'))).toEqual(recordedFrame('duplicate-solicitation'));
});

test('an announcement is that of a kernel that forwards, in each byte', () => {
  expect(unsolicitedAdvertisement(A, ip('2001:db8::7'))).toEqual(recordedFrame('unsolicited-advertisement'));
});

test('groups are those of RFC 4291 and RFC 2464', () => {
  expect(solicitedNode(ip('4037::1:800:200e:8c6c')).text).toBe('ff02::1:ff0e:8c6c');
  expect(multicastMac(ip('ff02::1:ff0e:8c6c'))).toBe('33:33:ff:0e:8c:6c');
  expect(multicastMac(ALL_NODES)).toBe('33:33:00:00:00:01');
});

test('the kernel’s answer and its own probe are read', () => {
  expect(decode(recordedFrame('advertisement-to-solicitation'))).toEqual({
    kind: 'advertisement',
    source: ip('2001:db8::9'),
    target: ip('2001:db8::9'),
    mac: B,
  });
  expect(decode(recordedFrame('duplicate-solicitation-with-nonce'))).toEqual({
    kind: 'solicitation',
    source: ip('::'),
    target: ip('2001:db8::9'),
    mac: A,
  });
});

test('an advertisement’s MAC is that of its option, else that of its frame', () => {
  expect(decode(answerWith({ [OPTION + 7]: 0xcc }))?.mac).toBe('02:00:00:00:0b:cc');
  expect(decode(answerWith({ [OPTION]: 99, [OPTION + 7]: 0xcc }))?.mac).toBe(B);
});

test('options that end nowhere are passed over', () => {
  expect(decode(answerWith({ [OPTION]: 99, [OPTION + 1]: 0 }))?.mac).toBe(B);
  expect(decode(answerWith({ [OPTION]: 99, [OPTION + 1]: 255 }))?.mac).toBe(B);
});

test('a message that is cut off at any byte is ignored', () => {
  const whole = recordedFrame('advertisement-to-solicitation');
  expect(decode(whole)).toBeDefined();
  for (let length = 0; length < whole.length; length++) expect(decode(whole.subarray(0, length))).toBeUndefined();
});

test('a bit that fell over in the message or its addresses is noticed', () => {
  const whole = recordedFrame('advertisement-to-solicitation');
  for (let at = 14 + 8; at < whole.length; at++) {
    const frame = Uint8Array.from(whole);
    frame[at] = frame[at]! ^ 0x10;
    expect(decode(frame)).toBeUndefined();
  }
});

test.each([
  ['a hop limit below 255: it came through a router', { [HOP_LIMIT]: 254 }],
  ['a payload that is longer than the frame', { [PAYLOAD_LENGTH]: 33 }],
  ['a payload that ends within the target', { [PAYLOAD_LENGTH]: 23 }],
  ['an IP version other than 6', { 14: 0x40 }],
  ['another next header', { [14 + 6]: 17 }],
])('%s is refused', (_, changes: Record<number, number>) => {
  const frame = recordedFrame('advertisement-to-solicitation');
  for (const [at, value] of Object.entries(changes)) frame[Number(at)] = value;
  expect(decode(frame)).toBeUndefined();
});

test('a code other than 0 is refused, for which its checksum is right', () => {
  expect(decode(answerWith({}))).toBeDefined();
  expect(decode(answerWith({ [CODE]: 1 }))).toBeUndefined();
});

test('a router solicitation is not a neighbour message', () => {
  expect(decode(recordedFrame('router-solicitation'))).toBeUndefined();
});

test('any bytes are read or refused, and never more than that', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (payload) => {
      decode(encodeEthernet({ destination: A, source: B, etherType: ETH_P_IPV6 }, payload));
    }),
  );
});
